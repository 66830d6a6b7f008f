import { isObject, parseJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { createHttp, type HttpOptions } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { ClientRegistration } from '../option-types/protected-resource.js';
import { createMetadata } from './metadata.js';
import { registerClient } from './registration.js';

/** What a client tells a provider of itself, with its wire names (RFC 7591 §2). */
export interface ClientMetadata {
  redirect_uris?: readonly string[];
  token_endpoint_auth_method?: string;
  grant_types?: readonly string[];
  response_types?: readonly string[];
  client_name?: string;
  client_uri?: string;
  logo_uri?: string;
  scope?: string;
  contacts?: readonly string[];
  jwks_uri?: string;
  jwks?: { keys: readonly object[] };
  [field: string]: unknown;
}

/** Options of {@link registerDynamically}. */
export interface RegistrationOptions extends HttpOptions {
  /** The token that allows registering, where the provider demands one (RFC 7591 §3). */
  initialAccessToken?: string | undefined;
}

/** What a provider made of a registration. */
export interface Registration {
  /** For `register()`: the client's id, secret, method, and the issuer. Keep it; it is a secret. */
  options: RegisterOptions;
  /** The provider's answer, with what RFC 7592 needs to change the registration. */
  registered: Record<string, unknown>;
}

/**
 * Registers this application at a provider (RFC 7591) and returns what `register()` needs. Do it once, and
 * keep the outcome.
 *
 * @example
 * ```ts
 * const { options } = await registerDynamically('https://id.example', {
 *   client_name: 'My application',
 *   redirect_uris: ['https://app.example/callback/corp'],
 * });
 * const oauth = new OAuth().register('corp', { ...options, scope: 'openid' });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3
 */
export async function registerDynamically(
  issuer: string,
  client: ClientMetadata,
  { initialAccessToken, ...httpOptions }: RegistrationOptions = {},
): Promise<Registration> {
  const http = createHttp(httpOptions);
  http.check(issuer, 'issuer');
  const load = createMetadata({ options: { issuer }, http, openid: true, ttl: 60 });
  const { registration_endpoint: url } = await load();
  if (typeof url !== 'string') {
    throw new OAuthError(
      'invalid_metadata',
      'The provider has no "registration_endpoint". Register the application there by hand.',
      { phase: 'registration' },
    );
  }
  const request = { endpoint: url, metadata: client, initialAccessToken };
  const registered = await registerClient(http, request);
  return { options: readRegistration(registered, issuer), registered };
}

function readRegistration(body: ClientRegistration, issuer: string): RegisterOptions {
  const { client_id, client_secret, token_endpoint_auth_method: method } = body;
  const algorithm = body['id_token_signed_response_alg'];
  return {
    clientId: client_id,
    issuer,
    ...(typeof client_secret === 'string' && client_secret !== ''
      ? { clientSecret: client_secret }
      : {}),
    ...(typeof method === 'string' ? { tokenEndpointAuthMethod: method } : {}),
    ...(typeof algorithm === 'string' ? { idTokenSignedResponseAlg: algorithm } : {}),
  };
}

/**
 * Makes the document a client serves at the address that is its `clientId`, so that providers know it
 * without a registration. Serve it as `application/json`.
 *
 * @throws OAuthError `invalid_options` for an address or metadata that no provider may accept
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 */
export function clientIdMetadata(
  clientId: string,
  metadata: ClientMetadata,
): ClientMetadata & { client_id: string } {
  const url = URL.canParse(clientId) ? new URL(clientId) : undefined;
  const usable =
    url?.protocol === 'https:' &&
    url.pathname !== '/' &&
    !/#|\/\.\.?(?:\/|$)/.test(clientId) &&
    !url.username &&
    !url.password;
  const { token_endpoint_auth_method: method = 'none' } = metadata;
  const secret = 'client_secret' in metadata || method.startsWith('client_secret_');
  if (usable && !secret)
    return { token_endpoint_auth_method: method, ...metadata, client_id: clientId };
  throw new OAuthError(
    'invalid_options',
    usable
      ? 'A client-id metadata document is public, so it can have no secret: use "none" or "private_key_jwt".'
      : 'The client id of a metadata document is an https URL with a path, without "." or ".." in it, ' +
          'fragment or user information.',
  );
}

const relation = 'http://openid.net/specs/connect/1.0/issuer';

/**
 * Finds the issuer of a person's identifier, such as `ada@example.com` or `https://example.com/ada`, by
 * WebFinger. The identifier comes from a person: the host that is asked is theirs to choose, and only
 * https at a public name is asked unless `allowInsecureRequests`.
 *
 * @see https://openid.net/specs/openid-connect-discovery-1_0.html#IssuerDiscovery
 */
export async function discoverIssuer(
  identifier: string,
  options: HttpOptions = {},
): Promise<string> {
  const { resource, origin } = normalise(identifier);
  if (!isPublic(origin) && !options.allowInsecureRequests) {
    throw noIssuer('The identifier names no public host. Ask the person for another.');
  }
  const url = new URL('/.well-known/webfinger', origin);
  url.searchParams.set('resource', resource);
  url.searchParams.set('rel', relation);
  const headers = { accept: 'application/jrd+json, application/json' };
  const http = createHttp(options);
  const { status, text } = await http.exchange({ what: 'WebFinger address', url, headers });
  if (status !== 200) throw noIssuer(`WebFinger knows no such person (HTTP ${status}).`, status);
  const issuer = readIssuer(text);
  if (issuer === undefined) throw noIssuer('The WebFinger answer names no issuer.');
  const { href } = http.check(issuer, 'issuer found by WebFinger');
  if (isPublic(href) || options.allowInsecureRequests) return issuer;
  throw noIssuer('The WebFinger answer names an issuer that is at no public host.');
}

/** A host with a name that means the same host everywhere. */
function isPublic(address: string): boolean {
  const { hostname } = new URL(address);
  return !/^[\d.]+$|^\[|(?:^|\.)(?:localhost|local|internal)\.?$/i.test(hostname);
}

/** OpenID Connect Discovery §2.1: an address of mail, of the web, or a bare host. */
function normalise(identifier: string): { resource: string; origin: string } {
  const text = identifier.trim().replace(/#.*$/s, '');
  const account = /^(?:acct:)?([^/@\s]+)@([^/@\s?#]+)$/i.exec(text);
  const url = account
    ? `https://${account[2]}`
    : /^https?:\/\//i.test(text)
      ? text
      : `https://${text}`;
  if (text === '' || text.length > 1024 || !URL.canParse(url)) {
    throw noIssuer('The identifier is neither like an address of mail nor of the web.');
  }
  const resource = account ? `acct:${account[1]}@${account[2]}` : url;
  return { resource, origin: new URL(url).origin };
}

function readIssuer(text: string): string | undefined {
  try {
    const body = parseJson(text);
    const links: unknown = isObject(body) ? body['links'] : undefined;
    const link: unknown = (Array.isArray(links) ? links : []).find(
      (one: unknown) => isObject(one) && one['rel'] === relation,
    );
    const href = isObject(link) ? link['href'] : undefined;
    return typeof href === 'string' && !/[?#]/.test(href) ? href : undefined;
  } catch {
    return undefined;
  }
}

function noIssuer(message: string, status?: number): OAuthError {
  return new OAuthError('invalid_metadata', message, { phase: 'metadata', status });
}
