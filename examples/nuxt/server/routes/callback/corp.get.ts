import { isOAuthError, type OAuth2Token } from '@oauth-registry/web';

export default defineEventHandler(async (event) => {
  const headers = new Headers({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
  const at = { request: toWebRequest(event), headers };
  try {
    const { userinfo, ...token } = await oauth.corp.authorizeAccessToken(at);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    await session.setSession({ name, token: token as OAuth2Token }, at);
    headers.set('location', '/');
    return new Response(null, { status: 303, headers });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.statusCode, headers });
  }
});
