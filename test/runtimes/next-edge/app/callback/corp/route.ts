import { isOAuthError } from '@oauth-registry/next';
import { oauth, setSession } from '../../../oauth';

export const runtime = 'edge';

export async function GET(request: Request): Promise<Response> {
  try {
    const token = await oauth.corp.authorizeAccessToken(request);
    const sub = token.userinfo?.sub ?? '';
    await setSession({ sub, token: { ...token, expires_at: 1 } });
    return Response.json({ sub });
  } catch (error) {
    if (!isOAuthError(error)) throw error;
    return new Response(error.message, { status: error.status ?? 500 });
  }
}
