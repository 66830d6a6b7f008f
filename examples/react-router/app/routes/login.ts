import type { LoaderFunctionArgs } from 'react-router';
import { oauth } from '../lib/oauth.server';

export const loader = ({ request }: LoaderFunctionArgs): Promise<Response> =>
  oauth.corp.authorizeRedirect(request);
