import type { OAuth2Token } from '@oauth-registry/web';
import type { LoaderFunctionArgs } from 'react-router';
import { clearSession, getSession, oauth, setSession } from '../lib/oauth.server';

// The drop-in routes: a sign-in page at /auth/login, and a login and a callback for every client.
const auth = oauth.routes({
  userId: async ({ request }) => (await getSession(request))?.name,
  onLogin: async ({ user, token, request, response: { headers } }) => {
    const { userinfo: _, ...stored } = token;
    const name = user?.name ?? user?.sub ?? 'Somebody';
    await setSession({ name, token: stored as OAuth2Token }, { request, headers });
  },
  onLogout: ({ request, response: { headers } }) => clearSession({ request, headers }),
});

const handle = async ({ request }: LoaderFunctionArgs): Promise<Response> =>
  (await auth(request)) ?? new Response('Not found.', { status: 404 });

export { handle as loader, handle as action };
