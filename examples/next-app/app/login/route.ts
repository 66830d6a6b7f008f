import { oauth } from '../../oauth';

export function GET(request: Request): Promise<Response> {
  return oauth.corp.authorizeRedirect(request);
}
