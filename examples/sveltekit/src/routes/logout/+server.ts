import { clearSession } from '$lib/oauth.server';
import type { RequestHandler } from './$types';

export const POST: RequestHandler = async ({ request }) => {
  const headers = new Headers({ location: '/' });
  await clearSession({ request, headers });
  return new Response(null, { status: 303, headers });
};
