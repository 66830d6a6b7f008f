export default defineNuxtConfig({
  compatibilityDate: '2025-07-15',
  app: {
    head: {
      title: 'Example',
      htmlAttrs: { lang: 'en' },
      link: [{ rel: 'icon', href: 'data:,' }],
    },
  },
  // The page shows data of the user.
  routeRules: { '/': { headers: { 'cache-control': 'no-store' } } },
  typescript: { strict: true },
});
