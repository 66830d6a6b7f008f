import { now } from '../crypto.js';
import { isObject, readObject, withoutUndefined } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { isInside } from '../guard.js';
import { isLoopback, retryAfter, type Http, type HttpAnswer } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import { acceptsIssuer, fixedIssuer } from './issuer.js';

/** What a provider says about itself, with its wire names (RFC 8414 §2, OpenID Connect Discovery §3). */
export interface ServerMetadata {
  readonly issuer?: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly userinfo_endpoint?: string;
  readonly jwks_uri?: string;
  readonly [field: string]: unknown;
}

/** What the metadata of one client is loaded with. */
export interface MetadataConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Whether an id_token is expected, so that keys to verify it must be found. */
  openid: boolean;
  /** Seconds that a loaded document is good for. */
  ttl: number;
}

/** Loads the metadata on first use; one load serves every concurrent caller. */
export type LoadMetadata = () => Promise<ServerMetadata>;

/** The addresses of a document that this package uses. */
const addressFields = [
  'authorization_endpoint',
  'token_endpoint',
  'userinfo_endpoint',
  'pushed_authorization_request_endpoint',
  'jwks_uri',
  'revocation_endpoint',
  'introspection_endpoint',
  'device_authorization_endpoint',
  'backchannel_authentication_endpoint',
  'end_session_endpoint',
  'registration_endpoint',
] as const;

/** Seconds to wait after the first failed load; doubled up to the second number. */
const backoff = [5, 60] as const;

/**
 * Builds the loader of a client's server metadata: what `register()` was told, completed by the
 * discovery document where one is configured. What was told wins. A document is kept for its time to
 * live, and longer while the provider cannot be asked; a failure is not repeated at once.
 */
export function createMetadata(config: MetadataConfig): LoadMetadata {
  const told = fromOptions(config.options);
  if (!needsDiscovery(config)) {
    return () => Promise.resolve(told);
  }
  const state: {
    document?: ServerMetadata;
    freshUntil: number;
    retryAt: number;
    failures: number;
    failure?: unknown;
    loading?: Promise<ServerMetadata> | undefined;
  } = { freshUntil: 0, retryAt: 0, failures: 0 };

  async function load(): Promise<ServerMetadata> {
    try {
      const document = await discover(config);
      state.document = Object.freeze({ ...document, ...told });
      state.freshUntil = now() + config.ttl * 1000;
      state.failures = 0;
    } catch (error) {
      state.failure = error;
      state.retryAt = now() + Math.min(backoff[1], backoff[0] * 2 ** state.failures++) * 1000;
      if (!state.document) throw error;
    }
    return state.document;
  }

  return async () => {
    if (state.document && now() < state.freshUntil) return state.document;
    if (now() < state.retryAt) {
      if (state.document) return state.document;
      throw state.failure;
    }
    state.loading ??= load().finally(() => {
      state.loading = undefined;
    });
    return await state.loading;
  };
}

/** What `register()` was told of the provider. */
export function fromOptions(options: Readonly<RegisterOptions>): ServerMetadata {
  const told = {
    issuer: fixedIssuer(options),
    authorization_endpoint: options.authorizeUrl,
    token_endpoint: options.accessTokenUrl,
    userinfo_endpoint: options.userinfoEndpoint,
    jwks_uri: options.jwksUri,
    pushed_authorization_request_endpoint: options.pushedAuthorizationRequestEndpoint,
    revocation_endpoint: options.revocationEndpoint,
    introspection_endpoint: options.introspectionEndpoint,
    device_authorization_endpoint: options.deviceAuthorizationEndpoint,
    backchannel_authentication_endpoint: options.backchannelAuthenticationEndpoint,
    end_session_endpoint: options.endSessionEndpoint,
  };
  return Object.freeze(withoutUndefined(told));
}

function needsDiscovery({ options, openid }: MetadataConfig): boolean {
  if (options.serverMetadataUrl !== undefined) return true;
  const endpoints = options.authorizeUrl !== undefined && options.accessTokenUrl !== undefined;
  const symmetric = options.idTokenSignedResponseAlg?.startsWith('HS') === true;
  const keys = symmetric || options.jwksUri !== undefined || options.jwks !== undefined;
  return options.issuer !== undefined && !(endpoints && (keys || !openid));
}

/** Where the document may be: at one address, or below the issuer by either specification. */
function candidates(options: Readonly<RegisterOptions>): string[] {
  if (options.serverMetadataUrl !== undefined) return [options.serverMetadataUrl];
  const issuer = new URL([options.issuer ?? ''].flat()[0] ?? '');
  const path = issuer.pathname.replace(/\/$/, '');
  const appended = `${issuer.origin}${path}/.well-known/openid-configuration`;
  const inserted = `${issuer.origin}/.well-known/oauth-authorization-server${path}`;
  // A server that was found through its resource is an OAuth server first (RFC 8414 §3.1, §5).
  const between = `${issuer.origin}/.well-known/openid-configuration${path}`;
  return options.resource === undefined
    ? [appended, inserted]
    : [...new Set([inserted, between, appended])];
}

async function discover({ options, http }: MetadataConfig): Promise<ServerMetadata> {
  let answer: HttpAnswer | undefined;
  for (const url of candidates(options)) {
    answer = await http.exchange({
      what: 'metadata document',
      url,
      headers: { accept: 'application/json' },
    });
    if (answer.status === 200) {
      const document = readDocument(answer);
      checkIssuer(document, options);
      checkEndpoints(document, { options, http, from: new URL(url) });
      return document;
    }
    if (answer.status < 400 || answer.status > 499) break;
  }
  throw new OAuthError(
    'provider_unavailable',
    `The metadata document could not be loaded (HTTP ${answer?.status}). ` +
      'Check "serverMetadataUrl" or "issuer", and that the provider is up.',
    { providerStatus: answer?.status, retryAfter: answer && retryAfter(answer.headers) },
  );
}

function readDocument(answer: HttpAnswer): ServerMetadata {
  const document = readObject(answer.text);
  if (document) return document;
  throw new OAuthError(
    'invalid_metadata',
    'The metadata document is not a JSON object. Check "serverMetadataUrl" or "issuer".',
    { providerStatus: answer.status },
  );
}

/**
 * Compares the document's issuer with the one that was asked for: exactly the configured one, or the
 * one the well-known address belongs to (RFC 8414 §3.3, OpenID Connect Discovery §4.3).
 */
function checkIssuer(document: ServerMetadata, options: Readonly<RegisterOptions>): void {
  const { issuer } = document;
  const rules = [options.issuer ?? issuerOf(options.serverMetadataUrl ?? '')].flat();
  // A template stands in the document of all tenants as it is.
  const exact = rules.includes(issuer ?? '') || acceptsIssuer(options, {}, issuer);
  // OpenID Connect Discovery §4.1 drops a trailing slash, so the address stands for both spellings.
  const slashed = options.issuer === undefined && issuer === `${rules[0]}/`;
  if (typeof issuer === 'string' && (exact || slashed)) return;
  throw new OAuthError(
    'mismatching_issuer',
    `The metadata document names ${shown(issuer)} as its issuer, but "${rules.join('" or "')}" was expected. ` +
      'If the provider is right, register it with "issuer" set to exactly that.',
  );
}

function addressesOf(source: Record<string, unknown>): [field: string, url: unknown][] {
  return addressFields.map((field) => [field, source[field]]);
}

/** Every address that will be used must be one that may be used: a good document can name bad places. */
function checkEndpoints(
  document: ServerMetadata,
  { options, http, from }: { options: Readonly<RegisterOptions>; http: Http; from: URL },
): void {
  const aliases = document['mtls_endpoint_aliases'];
  const sources = isObject(aliases) ? [document, aliases] : [document];
  for (const [field, url] of sources.flatMap(addressesOf)) {
    if (url === undefined) continue;
    if (typeof url !== 'string' || !/^https?:\/\//i.test(url) || !URL.canParse(url)) {
      throw new OAuthError('invalid_metadata', `The metadata's "${field}" is not an https URL.`);
    }
    const target = http.check(url, `metadata's "${field}"`);
    if (options.allowPrivateNetworks || !reachesIn(target, from)) continue;
    throw new OAuthError(
      'invalid_metadata',
      `The metadata's "${field}" points to this machine or a private network, but the document came from ` +
        'elsewhere. "allowPrivateNetworks: true" allows it.',
    );
  }
}

/** What is inside is for documents from there: of this machine, or of a private network. */
function reachesIn(target: URL, from: URL): boolean {
  return isInside(target) && !(isInside(from) && isLoopback(target) === isLoopback(from));
}

/** The issuer that a well-known address belongs to; for any other address, its origin. */
function issuerOf(url: string): string {
  const { origin, pathname } = new URL(url);
  const wellKnown = /\/\.well-known\/(?:openid-configuration|oauth-authorization-server)/;
  const [before, after] = pathname.split(wellKnown, 2);
  return after === undefined ? origin : `${origin}${before}${after}`;
}

/** An issuer is shown only when it is no more than a plain address. */
function shown(issuer: unknown): string {
  const plain = typeof issuer === 'string' && /^https?:\/\/[\w.:/{}-]{1,200}$/.test(issuer);
  return plain ? `"${issuer}"` : 'something else';
}
