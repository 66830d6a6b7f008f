import { createHash, randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuthError, type RegisterOptions } from '@oauth-registry/core';
import { rsaKey } from '../provider/keys.js';
import { signJws } from '../provider/jws.js';
import { readScriptedRequest, toResponse, type ScriptedRequest } from '../scripted.js';
import { formPage } from './developer-form.js';
import { refuseProduction, requireLoopbackUrl } from './guard.js';

/** Options of {@link developer}. */
export interface DeveloperOptions {
  /** The claims that the form asks for; the first one must be `sub`. Default: `sub`, `name`, `email`. */
  fields?: readonly string[];
}

const issuer = 'http://127.0.0.1/developer';
const clientId = 'developer';
const maxFormBytes = 65_536;

/** A login that was submitted, until its code is exchanged. */
interface Login {
  claims: Record<string, string | boolean>;
  params: URLSearchParams;
}

/**
 * Options of a client whose provider is a login form on this machine: the user types the claims to log in with. The
 * form is served at 127.0.0.1 only, at a free port, from the first login on; the login is one of OpenID Connect.
 *
 * @example
 * ```ts
 * if (process.env.NODE_ENV !== 'production') oauth.register('developer', developer());
 * ```
 * @throws OAuthError `invalid_options` if `NODE_ENV` is `production`, unless `OAUTH_TEST_MODE` is `1`
 */
export function developer({
  fields = ['sub', 'name', 'email'],
}: DeveloperOptions = {}): RegisterOptions {
  refuseProduction('developer()');
  if (fields[0] !== 'sub' || !fields.every((name) => /^\w+$/.test(name))) {
    throw new OAuthError(
      'invalid_options',
      '"fields" must be names of claims, and the first one "sub".',
    );
  }
  const provider = new DeveloperProvider(fields);
  return {
    displayName: 'Developer',
    provider: 'developer',
    clientId,
    issuer,
    scope: 'openid profile email',
    fetch: provider.fetch,
  } as RegisterOptions;
}

class DeveloperProvider {
  readonly #fields: readonly string[];
  readonly #logins = new Map<string, Login>();
  readonly #users = new Map<string, Login['claims']>();
  #form: Promise<string> | undefined;

  constructor(fields: readonly string[]) {
    this.#fields = fields;
  }

  /** The endpoints that the client sends requests to; none is served to others. */
  readonly fetch: typeof globalThis.fetch = async (...given) => {
    const request = await readScriptedRequest(...given);
    switch (request.url.pathname) {
      case '/developer/.well-known/openid-configuration':
        return toResponse(await this.#metadata());
      case '/developer/jwks':
        return toResponse({ keys: [rsaKey().jwk] });
      case '/developer/token':
        return this.#tokenResponse(new URLSearchParams(request.body));
      case '/developer/userinfo':
        return this.#userinfo(request);
      default:
        return toResponse(undefined);
    }
  };

  async #metadata(): Promise<object> {
    this.#form ??= this.#listen();
    return {
      issuer,
      authorization_endpoint: await this.#form,
      token_endpoint: `${issuer}/token`,
      userinfo_endpoint: `${issuer}/userinfo`,
      jwks_uri: `${issuer}/jwks`,
    };
  }

  #tokenResponse(form: URLSearchParams): Response {
    const code = form.get('code') ?? '';
    const login = this.#logins.get(code);
    this.#logins.delete(code);
    const challenge = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    if (login?.params.get('code_challenge') !== challenge)
      return toResponse({ error: 'invalid_grant' }, 400);
    const token = randomBytes(24).toString('base64url');
    this.#users.set(token, login.claims);
    const now = Math.floor(Date.now() / 1000);
    const nonce = login.params.get('nonce');
    const claims = { iss: issuer, aud: clientId, iat: now, exp: now + 600, nonce, ...login.claims };
    const key = rsaKey();
    const id_token = signJws(claims, { alg: 'RS256', kid: key.kid }, key);
    return toResponse({ access_token: token, token_type: 'Bearer', id_token });
  }

  #userinfo({ headers }: ScriptedRequest): Response {
    const token = /^Bearer (.*)$/.exec(headers.get('authorization') ?? '')?.[1];
    const claims = this.#users.get(token ?? '');
    return claims ? toResponse(claims) : toResponse({ error: 'invalid_token' }, 401);
  }

  /** Serves the form on this machine only, and returns its URL. */
  async #listen(): Promise<string> {
    const server = createServer((request, response) => {
      this.#serve(request, response).catch((error: unknown) => {
        const text = error instanceof OAuthError ? error.message : 'The form could not be read.';
        response.writeHead(400, { 'content-type': 'text/plain; charset=utf-8' }).end(text);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    // The application ends although the form is served.
    server.unref();
    return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  }

  async #serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const { host = '', origin } = request.headers;
    const { port } = request.socket.address() as AddressInfo;
    const own = `127.0.0.1:${port}`;
    const isOwn = host === own && (request.method === 'GET' || origin === `http://${own}`);
    if (!isOwn) return void response.writeHead(403).end();
    const { searchParams: params } = new URL(request.url ?? '/', `http://${own}`);
    const callback = requireLoopbackUrl(params.get('redirect_uri') ?? '');
    if (request.method === 'GET') {
      response.writeHead(200, formPage.headers);
      return void response.end(formPage.html(this.#fields, params));
    }
    const form = new URLSearchParams(await readBody(request));
    const result = form.has('deny')
      ? { error: 'access_denied' }
      : { code: this.#submit(form, params) };
    for (const [name, value] of Object.entries({ ...result, state: params.get('state') ?? '' }))
      callback.searchParams.set(name, value);
    response.writeHead(303, { location: callback.href, 'cache-control': 'no-store' }).end();
  }

  #submit(form: URLSearchParams, params: URLSearchParams): string {
    const typed = this.#fields
      .map((name) => [name, form.get(name) ?? ''])
      .filter(([, value]) => value !== '');
    const claims: Login['claims'] = Object.fromEntries(typed) as Record<string, string>;
    const code = randomBytes(24).toString('base64url');
    const verified = claims['email'] === undefined ? {} : { email_verified: true };
    this.#logins.set(code, { claims: { ...claims, ...verified }, params });
    return code;
  }
}

async function readBody(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > maxFormBytes) throw new RangeError('The form is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
