import { getSession } from '../../oauth';

export const runtime = 'edge';

export async function GET(): Promise<Response> {
  return Response.json({ sub: (await getSession())?.sub });
}
