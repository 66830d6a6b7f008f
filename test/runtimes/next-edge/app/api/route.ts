import { getSession, oauth } from '../../oauth';

export const runtime = 'edge';

/** Calls the provider's API; the token in the session has expired, so that it is refreshed first. */
export async function GET(): Promise<Response> {
  const session = await getSession();
  if (!session) return new Response('Not logged in', { status: 401 });
  const response = await oauth.corp.get('me', { token: session.token });
  return new Response(await response.text(), { status: response.status });
}
