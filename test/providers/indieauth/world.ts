import { createHash, randomUUID } from 'node:crypto';
import { json, startHosts, type Host, type Hosts } from '../../support/hosts.js';

type Json = Record<string, unknown>;

export const clientId = 'https://app.test/';
export const redirectUri = 'https://app.test/callback/indieauth';

/** A server of IndieAuth, as strict as the specification, and what it can be made to do wrong. */
export interface IndieAuthServer {
  host: Host;
  /** Whose page it says the login is for. */
  me: string;
  change: { metadata: Json; token: Json; callback: Record<string, string | undefined> };
  /** The authorization requests, in order. */
  readonly asked: URLSearchParams[];
  /** Where codes were redeemed. */
  readonly redeemed: string[];
}

export interface IndieAuthWorld {
  hosts: Hosts;
  /** The server of `https://ada.test/`. */
  home: IndieAuthServer;
  /** The server of `https://eve.test/`, which is hers to make lie. */
  evil: IndieAuthServer;
  close(): Promise<void>;
}

/** Starts two people's home pages and servers. */
export async function startIndieAuth(): Promise<IndieAuthWorld> {
  const hosts = await startHosts();
  const home = playServer('https://auth.test', 'https://ada.test/');
  const evil = playServer('https://evil.test', 'https://eve.test/');
  hosts.at.set('https://auth.test', home.host);
  hosts.at.set('https://evil.test', evil.host);
  hosts.at.set('https://ada.test', page(link('indieauth-metadata', 'https://auth.test/metadata')));
  hosts.at.set('https://eve.test', page(link('indieauth-metadata', 'https://evil.test/metadata')));
  return { hosts, home, evil, close: () => hosts.close() };
}

/** A home page in HTML. */
export function page(head: string, init: ResponseInit = {}): Host {
  const headers = new Headers({ 'content-type': 'text/html; charset=utf-8' });
  new Headers(init.headers).forEach((value, name) => headers.set(name, value));
  const html = `<!doctype html><html><head><title>Home</title>${head}</head><body>Hello.</body></html>`;
  return () => new Response(html, { ...init, headers });
}

export const link = (rel: string, href: string): string => `<link rel="${rel}" href="${href}">`;

/** Sends whoever asks elsewhere. */
export function away(location: string, status = 302): Host {
  return () => new Response(null, { status, headers: { location } });
}

function playServer(issuer: string, me: string): IndieAuthServer {
  const codes = new Map<string, URLSearchParams>();
  const server: IndieAuthServer = {
    host: answer,
    me,
    change: { metadata: {}, token: {}, callback: {} },
    asked: [],
    redeemed: [],
  };

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    const posted = request.method === 'POST';
    if (url.pathname === '/metadata') return json(metadata());
    if (url.pathname === '/auth' && !posted) return authorize(url);
    if (url.pathname === '/auth' || url.pathname === '/token') return await redeem(request, url);
    if (url.pathname === '/micropub') return json({ token: request.headers.get('authorization') });
    return json({}, { status: 404 });
  }

  function metadata(): Json {
    return {
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      revocation_endpoint: `${issuer}/revoke`,
      code_challenge_methods_supported: ['S256'],
      authorization_response_iss_parameter_supported: true,
      ...server.change.metadata,
    };
  }

  function authorize({ searchParams: params }: URL): Response {
    const client = new URL(params.get('client_id') ?? 'nonsense:');
    const redirect = new URL(params.get('redirect_uri') ?? 'nonsense:');
    const right =
      params.get('response_type') === 'code' &&
      params.get('code_challenge_method') === 'S256' &&
      /^[\w-]{43}$/.test(params.get('code_challenge') ?? '') &&
      params.get('state') !== null &&
      client.protocol === redirect.protocol &&
      client.hostname === redirect.hostname;
    if (!right) return new Response('This request is not right.', { status: 400 });
    server.asked.push(params);
    const code = randomUUID();
    codes.set(code, params);
    const answers = {
      code,
      state: params.get('state') ?? '',
      iss: issuer,
      ...server.change.callback,
    };
    for (const [name, value] of Object.entries(answers)) {
      if (value !== undefined) redirect.searchParams.set(name, value);
    }
    return new Response(null, { status: 302, headers: { location: redirect.href } });
  }

  async function redeem(request: Request, { pathname }: URL): Promise<Response> {
    const form = new URLSearchParams(await request.text());
    const code = form.get('code') ?? '';
    const asked = codes.get(code);
    codes.delete(code);
    const hash = createHash('sha256').update(form.get('code_verifier') ?? '');
    const right =
      form.get('grant_type') === 'authorization_code' &&
      form.get('client_id') === asked?.get('client_id') &&
      form.get('redirect_uri') === asked?.get('redirect_uri') &&
      hash.digest('base64url') === asked?.get('code_challenge');
    if (!asked || !right) return json({ error: 'invalid_grant' }, { status: 400 });
    const scopes = (asked.get('scope') ?? '').split(' ');
    const beyond = scopes.some((scope) => !['', 'profile', 'email'].includes(scope));
    // IndieAuth §5.3.3: a token is for a scope that is good for something.
    if (pathname === '/token' && !beyond) return json({ error: 'invalid_scope' }, { status: 400 });
    server.redeemed.push(pathname);
    const profile = { name: 'Ada', photo: 'https://ada.test/a.jpg', email: 'ada@ada.test' };
    return json({
      me: server.me,
      ...(scopes.includes('profile') ? { profile } : {}),
      ...(pathname === '/token'
        ? { access_token: `at-${randomUUID()}`, token_type: 'Bearer', scope: scopes.join(' ') }
        : {}),
      ...server.change.token,
    });
  }

  return server;
}
