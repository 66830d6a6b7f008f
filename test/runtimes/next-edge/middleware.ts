import { getSession, oauth } from './oauth';

export const config = { matcher: '/private' };

/** Sends visitors without a session to the provider, from the Edge runtime. */
export async function middleware(request: Request): Promise<Response | undefined> {
  const session = await getSession();
  return session ? undefined : await oauth.corp.authorizeRedirect(request);
}
