import { oauth } from '../../oauth';

export const runtime = 'edge';

export function GET(request: Request): Promise<Response> {
  return oauth.corp.authorizeRedirect(request);
}
