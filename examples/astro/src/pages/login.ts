import type { APIRoute } from 'astro';
import { oauth } from '../lib/oauth.js';

const start: APIRoute = ({ request }) => oauth.corp.authorizeRedirect(request);

export { start as GET, start as HEAD };
