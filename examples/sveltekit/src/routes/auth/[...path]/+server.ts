import { oauth, setSession } from '$lib/oauth.server';
import type { RequestHandler } from './$types';

// The drop-in routes: a sign-in page at /auth/login, and a login and a callback for every client.
const auth = oauth.routes({
  onLogin: async ({ user, token, request, response }) => {
    const { userinfo: _, ...stored } = token;
    const name = user?.name ?? 'Somebody';
    await setSession({ name, token: stored as never }, { request, headers: response.headers });
  },
});

const handle: RequestHandler = async ({ request }) =>
  (await auth(request)) ?? new Response('Not found.', { status: 404 });

export { handle as GET, handle as POST };
