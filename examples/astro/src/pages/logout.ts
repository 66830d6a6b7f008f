import type { APIRoute } from 'astro';
import { clearSession } from '../lib/oauth.js';

export const POST: APIRoute = async ({ request }) => {
  const headers = new Headers({ location: '/' });
  await clearSession({ request, headers });
  return new Response(null, { status: 303, headers });
};
