import { createSession, isOAuthError, OAuth } from '@oauth-registry/next';
import { octoClient, openidClient, photosClient, type AppOptions } from '../dist/clients.js';
import { errorPage, secureHeaders } from '../dist/page.js';

/** Who is logged in, with which client, and what the page shows of its API and token. */
interface Login {
  userId: string;
  client: string;
  token: import('@oauth-registry/next').Token;
  /** The fingerprint of the access token before its refresh. */
  before?: string;
}

/** The options that `createNextApp()` leaves for this application, which Next.js loads by itself. */
export function appOptions(): AppOptions {
  return (globalThis as unknown as { demoOptions: AppOptions }).demoOptions;
}

function createOAuth() {
  const { baseUrl, secret, openid, octo, photos } = appOptions();
  return new OAuth({ baseUrl, secret })
    .register('openid', openidClient(openid))
    .register('octo', octoClient(octo))
    .register('photos', photosClient(photos));
}

let oauth: ReturnType<typeof createOAuth> | undefined;

/** A client of the demo, by the name in the address. */
export function findClient(name: string) {
  oauth ??= createOAuth();
  return oauth.createClient(name);
}

/** The session of the demo. It is sealed, but it is not on the server: a token in it must be small. */
export function session() {
  const { baseUrl, secret } = appOptions();
  const secure = baseUrl.startsWith('https:');
  // A token with its claims is large; a proxy needs the lines of docs/guide.md, "Cookies and proxies".
  return createSession<Login>({ name: 'demo.sid', secret, secure, maxBytes: 12_000 });
}

/** Answers with a page. */
export function send(page: string, status = 200): Response {
  const headers = { ...secureHeaders, 'content-type': 'text/html; charset=utf-8' };
  return new Response(page, { status, headers });
}

/** Answers with a redirect to the start. */
export function toStart(): Response {
  return new Response(null, { status: 303, headers: { ...secureHeaders, location: '/' } });
}

/** Runs a handler, and answers with a page when it fails. */
export async function explained(handler: () => Promise<Response>): Promise<Response> {
  try {
    return await handler();
  } catch (error) {
    if (isOAuthError(error)) return send(errorPage(error), error.statusCode);
    console.error(error);
    return send(errorPage({ code: 'server_error', message: 'The log says more.' }), 500);
  }
}
