import { oauth } from '$lib/oauth.server';
import type { RequestHandler } from './$types';

const start: RequestHandler = ({ request }) => oauth.corp.authorizeRedirect(request);

export { start as GET, start as HEAD };
