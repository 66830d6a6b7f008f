import type { RegisterOptions } from '@oauth-registry/core';
import { rsaKey } from './provider/keys.js';
import { signJws } from './provider/jws.js';

/** The responses of a provider in one login. */
export interface Script {
  /** The token response: JSON, or text as it is. */
  token: object | string;
  /**
   * The profile, or what makes it of the request, and the responses to further requests by the end of their path. If
   * the client reads the profile from the access token, the provider signs it there.
   */
  profile?: object | string | ((request: ScriptedRequest) => object | string) | undefined;
  extra?: Record<string, object> | undefined;
  /** Claims of the id_token beside the protocol's own; without them there is no id_token. */
  idToken?: Record<string, unknown> | undefined;
}

/** One request, as the scripted provider received it. */
export interface ScriptedRequest {
  method: string;
  url: URL;
  headers: Headers;
  body: string;
}

/** A provider without a network that responds as a script says. */
export interface ScriptedProvider {
  /** For `new OAuth({ fetch })`. */
  fetch: typeof globalThis.fetch;
  readonly requests: ScriptedRequest[];
  /** The parameters with which the user returns from an authorization URL. */
  agree(authorizationUrl: string): URLSearchParams;
}

/** A request of a login to a scripted provider. */
export interface ScriptedStep {
  request: ScriptedRequest;
  /** The nonce of the login's authorization request. */
  nonce?: string | null | undefined;
}

/**
 * Simulates the provider that `options` describe, as a preset makes them: discovery, keys, tokens and
 * profile, each at its URL and in the form of the script. The response at any other URL is 404.
 *
 * @example
 * ```ts
 * const provider = scriptedProvider(github(), { token: { access_token: 't' }, profile: { id: 1 } });
 * const oauth = new OAuth({ fetch: provider.fetch }).register('github', github({ clientId, clientSecret }));
 * ```
 */
export function scriptedProvider(described: RegisterOptions, script: Script): ScriptedProvider {
  const respond = scriptedResponses(described);
  const requests: ScriptedRequest[] = [];
  let nonce: string | null = null;
  return {
    requests,
    fetch: async (input, init) => {
      const request = await readScriptedRequest(input, init);
      requests.push(request);
      return toResponse(respond(script, { request, nonce }));
    },
    agree(authorizationUrl) {
      const { searchParams } = new URL(authorizationUrl);
      nonce = searchParams.get('nonce');
      const token = searchParams.get('oauth_token');
      if (token !== null) return new URLSearchParams({ oauth_token: token, oauth_verifier: 'v' });
      return new URLSearchParams({ code: 'c0de', state: searchParams.get('state') ?? '' });
    },
  };
}

/** Returns what creates the responses of the provider that `options` describe: JSON, or text. */
export function scriptedResponses(
  described: RegisterOptions,
): (script: Script, step: ScriptedStep) => object | string | undefined {
  const options = withVariables(described);
  const key = rsaKey();

  function idToken(script: Script, nonce: ScriptedStep['nonce']): string {
    const now = Math.floor(Date.now() / 1000);
    const { clientId: aud, clientSecret = '' } = options;
    const iss = issuerOf(options, script);
    const own = { iss, aud, iat: now, exp: now + 600, ...(nonce ? { nonce } : {}) };
    const symmetric = options.idTokenSignedResponseAlg === 'HS256';
    const header = symmetric ? { alg: 'HS256' } : { alg: 'RS256', kid: key.kid };
    return signJws({ ...own, ...script.idToken }, header, symmetric ? clientSecret : key);
  }

  function accessToken({ profile }: Script): string {
    const now = Math.floor(Date.now() / 1000);
    const { clientId, userinfo, issuer } = options;
    const aud = userinfo?.audience?.map((one) => (one === '{client_id}' ? clientId : one));
    const own = { iss: [issuer].flat()[0], aud, iat: now, exp: now + 600 };
    return signJws({ ...own, ...(profile as object) }, { alg: 'RS256', kid: key.kid }, key);
  }

  return (script, { request, nonce }) => {
    const { url } = request;
    const { profile } = script;
    if (url.href === keysUrl || matches(options.jwksUri, url)) return { keys: [key.jwk] };
    if (/\/\.well-known\//.test(url.pathname))
      return { issuer: issuerOf(options, script), jwks_uri: keysUrl };
    if (matches(options.requestTokenUrl, url)) {
      return 'oauth_token=rt&oauth_token_secret=rs&oauth_callback_confirmed=true';
    }
    if (matches(options.accessTokenUrl, url)) {
      if (typeof script.token === 'string') return script.token;
      if (options.userinfo?.from === 'access_token' && 'access_token' in script.token)
        return { ...script.token, access_token: accessToken(script) };
      if (script.idToken === undefined) return script.token;
      return { ...script.token, id_token: idToken(script, nonce) };
    }
    const more = Object.entries(script.extra ?? {}).find(([end]) =>
      (url.pathname + url.search).includes(end),
    );
    if (more) return more[1];
    if (!matches(options.userinfoEndpoint, url)) return undefined;
    return typeof profile === 'function' ? (profile(request) as object | string) : profile;
  };
}

/** The URL of the keys of every scripted provider. */
export const keysUrl = 'https://keys.example/jwks';

function issuerOf({ issuer }: RegisterOptions, { idToken }: Script): string {
  const [template = ''] = [issuer ?? ''].flat();
  return template.replace(/\{\w+\}/, String(idToken?.['tid']));
}

/** Reads the arguments of `fetch`. */
export async function readScriptedRequest(
  ...given: Parameters<typeof globalThis.fetch>
): Promise<ScriptedRequest> {
  const request = new Request(...given);
  const { method, headers } = request;
  return { method, url: new URL(request.url), headers, body: await request.text() };
}

/** The response with JSON or text; 404 without either. */
export function toResponse(body: object | string | undefined, status = 200): Response {
  if (body === undefined) return new Response('{}', { status: 404 });
  return new Response(typeof body === 'string' ? body : JSON.stringify(body), { status });
}

/** Returns whether a URL matches a template, whatever the values of its variables. */
export function matches(template: string | undefined, url: URL): boolean {
  if (template === undefined) return false;
  const [path = '', query] = template.split('?');
  const pattern = path
    .split(/\{[^}]+\}/)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'))
    .join('[^?]*');
  const there = new RegExp(`^${pattern}$`).test(url.origin + url.pathname);
  return there && (query === undefined || query.includes('{') || url.search.includes(query));
}

/** The options with every url variable in place. */
function withVariables(options: RegisterOptions): RegisterOptions {
  const variables = Object.entries(options.urlVariables ?? {});
  const fill = (text: string): string =>
    variables.reduce(
      (url, [name, { value, default: preset = '' }]) =>
        url.replaceAll(`{${name}}`, value ?? preset),
      text,
    );
  return Object.fromEntries(
    Object.entries(options).map(([name, value]) => [
      name,
      typeof value === 'string' ? fill(value) : value,
    ]),
  );
}
