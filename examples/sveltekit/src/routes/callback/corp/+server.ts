import { isOAuthError } from '@oauth-registry/web';
import { oauth, setSession } from '$lib/oauth.server';
import type { RequestHandler } from './$types';

export const GET: RequestHandler = async ({ request }) => {
  // SvelteKit creates no response of its own here, so these headers are those of the response.
  const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  const at = { request, headers };
  try {
    const { userinfo, ...token } = await oauth.corp.authorizeAccessToken(at);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    await setSession({ name, token: token as never }, at);
    headers.set('location', '/');
    return new Response(null, { status: 303, headers });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.statusCode, headers });
  }
};
