import { getSession, oauth } from '$lib/oauth.server';
import type { PageServerLoad } from './$types';

export const load: PageServerLoad = async ({ request, setHeaders }) => {
  setHeaders({ 'cache-control': 'no-store' });
  const user = await getSession(request);
  if (!user) return { name: undefined };
  const response = await oauth.corp.get('me', { token: user.token });
  return { name: user.name, status: response.status, body: await response.text() };
};
