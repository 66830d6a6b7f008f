import { isOAuthError } from '@oauth-registry/next';
import { redirect } from 'next/navigation';
import { oauth, setSession } from '../../../oauth';

export async function GET(request: Request): Promise<Response> {
  try {
    const { userinfo, access_token, token_type } = await oauth.corp.authorizeAccessToken(request);
    const name = userinfo?.name ?? userinfo?.sub ?? 'Somebody';
    // A cookie is small: keep of the token what you need.
    await setSession({ name, token: { access_token, token_type } });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.statusCode });
  }
  // redirect() works by throwing, so it stands outside of the try.
  redirect('/');
}
