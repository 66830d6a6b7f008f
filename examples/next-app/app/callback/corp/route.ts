import { isOAuthError } from '@oauth-registry/next';
import { oauth, setSession } from '../../../oauth';

// The answer of a Route Handler is its own: no library can say for it that nobody may keep it.
const headers = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' };

export async function GET(request: Request): Promise<Response> {
  try {
    const { userinfo, access_token, token_type } = await oauth.corp.authorizeAccessToken(request);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    // A cookie is small: keep of the token what you need.
    await setSession({ name, token: { access_token, token_type } });
    return new Response(null, { status: 303, headers: { ...headers, location: '/' } });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.statusCode, headers });
  }
}
