import { isOAuthError, type OAuth2Token } from '@oauth-registry/web';
import type { LoaderFunctionArgs } from 'react-router';
import { oauth, setSession } from '../lib/oauth.server';

export async function loader({ request }: LoaderFunctionArgs): Promise<Response> {
  const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  const at = { request, headers };
  try {
    const { userinfo, ...token } = await oauth.corp.authorizeAccessToken(at);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    await setSession({ name, token: token as OAuth2Token }, at);
    headers.set('location', '/');
    return new Response(null, { status: 303, headers });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.statusCode, headers });
  }
}
