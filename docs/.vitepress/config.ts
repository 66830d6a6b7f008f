import { readFileSync } from 'node:fs';
import { defineConfig } from 'vitepress';
import { repository, repositoryLinks } from './repository-links.js';
import { sidebar } from './sidebar.js';

const { version } = JSON.parse(
  readFileSync(new URL('../../packages/core/package.json', import.meta.url), 'utf8'),
) as { version: string };

export default defineConfig({
  title: 'oauth-registry',
  description: 'OAuth 1.0a, OAuth 2 and OpenID Connect logins and API calls for JavaScript',
  lang: 'en',
  base: process.env['DOCS_BASE'] ?? '/',
  cleanUrls: true,
  ignoreDeadLinks: 'localhostLinks',
  lastUpdated: false,
  rewrites: {
    'tutorials/README.md': 'tutorials/index.md',
    'decisions/README.md': 'decisions/index.md',
  },
  head: [
    [
      'link',
      { rel: 'icon', type: 'image/svg+xml', href: `${process.env['DOCS_BASE'] ?? '/'}icon.svg` },
    ],
    ['meta', { name: 'theme-color', content: '#1f5fbf' }],
  ],
  transformHtml: (html) =>
    html
      // The theme has no main landmark on the landing page.
      .replace('<div class="VPContent is-home"', '<div role="main" class="VPContent is-home"')
      // The theme adds the class when its script runs, which moves the bar.
      .replace(
        '<div class="VPNavBar"',
        html.includes('class="VPContent has-sidebar"')
          ? '<div class="VPNavBar has-sidebar top"'
          : '<div class="VPNavBar"',
      ),
  markdown: {
    config: repositoryLinks,
    theme: { light: 'github-light-high-contrast', dark: 'github-dark-high-contrast' },
    // The headings have the anchors that GitHub gives them, so that links work in both.
    anchor: {
      slugify: (title) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
    },
  },
  themeConfig: {
    logo: '/icon.svg',
    nav: [
      { text: 'Quick start', link: '/quickstart' },
      { text: 'Guide', link: '/guide' },
      { text: 'Providers', link: '/providers/' },
      { text: 'Reference', link: '/options' },
      { text: `v${version}`, link: `${repository}/blob/main/CHANGELOG.md` },
    ],
    sidebar,
    outline: [2, 3],
    search: { provider: 'local' },
    socialLinks: [{ icon: 'github', link: repository }],
    editLink: { pattern: `${repository}/edit/main/docs/:path`, text: 'Edit this page' },
    externalLinkIcon: false,
    footer: { message: 'MIT licence' },
  },
});
