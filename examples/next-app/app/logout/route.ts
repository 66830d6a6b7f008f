import { clearSession } from '../../oauth';

export async function POST(): Promise<Response> {
  await clearSession();
  return new Response(null, { status: 303, headers: { location: '/' } });
}
