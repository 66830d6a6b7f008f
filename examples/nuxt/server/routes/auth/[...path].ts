import type { OAuth2Token } from '@oauth-registry/web';

// The drop-in routes: a sign-in page at /auth/login, and a login and a callback for every client.
const auth = oauth.routes({
  userId: async ({ request }) => (await session.getSession(request))?.name,
  onLogin: async ({ user, token, request, response: { headers } }) => {
    const { userinfo: _, ...stored } = token;
    const name = user?.name ?? user?.sub ?? 'Somebody';
    await session.setSession({ name, token: stored as OAuth2Token }, { request, headers });
  },
  onLogout: ({ request, response: { headers } }) => session.clearSession({ request, headers }),
});

export default defineEventHandler(
  async (event) => (await auth(toWebRequest(event))) ?? new Response('Not found.', { status: 404 }),
);
