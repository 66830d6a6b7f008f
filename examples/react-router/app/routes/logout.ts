import type { ActionFunctionArgs } from 'react-router';
import { clearSession } from '../lib/oauth.server';

export async function action({ request }: ActionFunctionArgs): Promise<Response> {
  const headers = new Headers({ location: '/' });
  await clearSession({ request, headers });
  return new Response(null, { status: 303, headers });
}
