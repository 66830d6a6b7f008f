import { CachedDocument } from '../../../platform/cached-document.js';
import {
  isObject,
  readObject,
  withoutNulls,
  withoutUndefined,
  filterMembers,
  mapMembers,
} from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { withPhase } from '../../../platform/tracing/phases.js';
import { isInside, isLoopback } from '../../../platform/http/address-policy.js';
import {
  namedDocument,
  retryAfter,
  type Http,
  type HttpResponse,
} from '../../../platform/http/http.js';
import type { Awaitable } from '../../../model/types.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { issuerOfWellKnown } from '../../../options/authority.js';
import { acceptsIssuer, fixedIssuer } from '../../../platform/issuer.js';

/**
 * An invalid endpoint in a document does not affect clients that do not use it, so its error is
 * stored here until it is used.
 */
const flaws: unique symbol = Symbol('flaws');

/**
 * Authorization server metadata, with its wire names (RFC 8414 §2, OpenID Connect Discovery §3).
 */
export interface ServerMetadata {
  readonly issuer?: string;
  readonly authorization_endpoint?: string;
  readonly token_endpoint?: string;
  readonly userinfo_endpoint?: string;
  readonly jwks_uri?: string;
  readonly [field: string]: unknown;
  readonly [flaws]?: Flaws;
}

/** Unusable endpoints of the document, each with its error. */
type Flaws = Readonly<Record<string, OAuthError>>;

/** Configuration of the metadata loader of one client. */
export interface MetadataConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** The client's name, for errors; without it they have no phase of their own. */
  name?: string | undefined;
  /** Whether an id_token is expected, so that its keys must be available. */
  openid: boolean;
  /** Seconds that a document is cached. */
  ttl: number;
  /** Stores only the fields this package may use, because users can choose many servers. */
  usedFieldsOnly?: boolean | undefined;
}

/** Loads the metadata on first use. Concurrent callers share one load. */
export type LoadMetadata = () => Awaitable<ServerMetadata>;

/** The URL fields of a document that this package uses. */
const urlFields: ReadonlySet<string> = new Set([
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
]);

/**
 * Creates the metadata loader of a client: the options of `register()`, completed by the discovery
 * document if one is configured. Options take precedence. A document is cached for its TTL, and
 * longer while the provider is unavailable. A failed load is not retried at once.
 */
export function createMetadata(config: MetadataConfig): LoadMetadata {
  const configured = fromOptions(config.options);
  if (!needsDiscovery(config)) return () => configured;
  const document = new CachedDocument(async () => {
    const load = async (): Promise<ServerMetadata> =>
      Object.freeze(overlay(await loadDocument(config), configured));
    const { name: client } = config;
    // Invalid metadata is a provider error, in a callback too.
    return client === undefined
      ? await load()
      : await withPhase({ client, phase: 'metadata' }, load);
  }, config.ttl * 1000);
  return document.get.bind(document);
}

/** Returns the metadata that the options of `register()` set. */
export function fromOptions(options: Readonly<RegisterOptions>): ServerMetadata {
  const configured = {
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
  return Object.freeze(withoutUndefined(configured));
}

function needsDiscovery({ options, openid }: MetadataConfig): boolean {
  if (options.serverMetadataUrl !== undefined) return true;
  const endpoints = options.authorizeUrl !== undefined && options.accessTokenUrl !== undefined;
  const symmetric = options.idTokenSignedResponseAlg?.startsWith('HS') === true;
  const keys = symmetric || options.jwksUri !== undefined || options.jwks !== undefined;
  return options.issuer !== undefined && !(endpoints && (keys || !openid));
}

/**
 * Returns the possible document URLs: the configured one, or the well-known URLs of both
 * specifications.
 */
function metadataUrls(options: Readonly<RegisterOptions>): string[] {
  if (options.serverMetadataUrl !== undefined) return [options.serverMetadataUrl];
  const issuer = new URL([options.issuer ?? ''].flat()[0] ?? '');
  const path = issuer.pathname.replace(/\/$/, '');
  const appended = `${issuer.origin}${path}/.well-known/openid-configuration`;
  const inserted = `${issuer.origin}/.well-known/oauth-authorization-server${path}`;
  // A server found through a protected resource is an OAuth server first (RFC 8414 §3.1, §5).
  const between = `${issuer.origin}/.well-known/openid-configuration${path}`;
  return options.resource === undefined
    ? [appended, inserted]
    : [...new Set([inserted, between, appended])];
}

/** A URL without a metadata document, and the reason. */
interface Failure {
  url: string;
  error: OAuthError;
}

/**
 * Loads the document from the first URL that has one. A web page, a redirect or an error at one of
 * several possible URLs is not final; a document with another issuer is.
 */
async function loadDocument(config: MetadataConfig): Promise<ServerMetadata> {
  const { options, http, name: client } = config;
  const failures: Failure[] = [];
  for (const url of metadataUrls(options)) {
    const found = await loadFrom(url, config);
    if (!(found instanceof OAuthError)) {
      checkMetadataIssuer(found, options);
      return withUsableEndpoints(found, { options, http, from: new URL(url) });
    }
    failures.push({ url, error: found });
  }
  throw notFound(failures, client);
}

/**
 * Loads the document at a URL, or returns why there is none. An unreachable provider ends the
 * discovery.
 */
async function loadFrom(
  url: string,
  { options, http, name: client, usedFieldsOnly }: MetadataConfig,
): Promise<ServerMetadata | OAuthError> {
  const what = namedDocument('metadata document', { client, url });
  try {
    const headers = { accept: 'application/json' };
    const response = await http.send({ what, url, headers, document: true });
    const document = readServerMetadata(response, { what, options });
    return usedFieldsOnly ? usedFields(document) : document;
  } catch (error) {
    if (error instanceof OAuthError && error.providerStatus !== undefined) return error;
    throw error;
  }
}

function readServerMetadata(
  response: HttpResponse,
  { what, options }: { what: string; options: Readonly<RegisterOptions> },
): ServerMetadata {
  const { status, headers, text } = response;
  if (status !== 200) {
    throw new OAuthError(
      'provider_unavailable',
      `The ${what} could not be loaded (HTTP ${status}). Check "serverMetadataUrl" or ` +
        '"issuer", and that the provider is available.',
      { providerStatus: status, retryAfter: retryAfter(headers) },
    );
  }
  const document = readObject(text);
  if (!document) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} is not a JSON object. Check "serverMetadataUrl" or "issuer".`,
      { providerStatus: status },
    );
  }
  const { issuer } = document;
  if (issuer === undefined || issuer === null) throw foreignIssuer(issuer, options, status);
  return withoutNulls(document);
}

/** Endpoints, lists of supported values, and requirements. */
const used = /^(?:issuer|jwks_uri|mtls_endpoint_aliases|require_\w+|\w+_(?:endpoint|supported))$/;

/**
 * Returns the fields of a document that this package may use, in the types it uses. Longer values
 * are removed.
 */
function usedFields(document: ServerMetadata): ServerMetadata {
  const names = Object.keys(document).filter((field) => field.length < 100 && used.test(field));
  const first = new Set(names.slice(0, 100));
  const fields = filterMembers(document, (_, field) => first.has(field));
  return withoutUndefined(mapMembers(fields, inUsedShape));
}

function inUsedShape(value: unknown): unknown {
  if (typeof value === 'string') return value.length <= 2048 ? value : undefined;
  if (typeof value === 'boolean') return value;
  if (isObject(value)) return usedFields(value);
  if (!Array.isArray(value)) return undefined;
  const names = value.filter((one) => typeof one === 'string' && one.length <= 256);
  return names.slice(0, 100);
}

/** Creates an error that lists every requested URL, with the code of the most specific failure. */
function notFound(failures: readonly Failure[], client: string | undefined): OAuthError {
  const [only, ...others] = failures.map(({ error }) => error);
  if (only && others.length === 0) return only;
  const statuses = failures.map(({ error }) => error.providerStatus);
  const specific =
    failures.find(({ error: { providerStatus: status } }) => status !== 404 && status !== 200) ??
    failures.find(({ error: { providerStatus: status } }) => status === 200) ??
    failures[0];
  const seen = failures.map(({ url, error: { code } }, index) => {
    const problem = code === 'provider_unavailable' ? '' : ` with ${code}`;
    return `HTTP ${statuses[index]}${problem}${namedDocument('', { url })}`;
  });
  return new OAuthError(
    specific?.error.code ?? 'provider_unavailable',
    `The metadata document${client === undefined ? '' : ` of "${client}"`} could not be ` +
      `loaded: ${seen.join('; ')}. Check "serverMetadataUrl" or "issuer", and that the ` +
      'provider is available.',
    { providerStatus: specific?.error.providerStatus, retryAfter: specific?.error.retryAfter },
  );
}

/**
 * Validates the document's issuer: exactly the configured one, or the one the well-known URL
 * belongs to (RFC 8414 §3.3, OpenID Connect Discovery §4.3).
 */
function checkMetadataIssuer(document: ServerMetadata, options: Readonly<RegisterOptions>): void {
  const { issuer } = document;
  const rules = expectedIssuers(options);
  // The document shared by all tenants contains the template itself.
  const exact = rules.includes(issuer ?? '') || acceptsIssuer(options, {}, issuer);
  // OpenID Connect Discovery §4.1 removes a trailing slash, so the URL matches both spellings.
  const slashed = options.issuer === undefined && issuer === `${rules[0]}/`;
  if (typeof issuer === 'string' && (exact || slashed)) return;
  throw foreignIssuer(issuer, options);
}

function expectedIssuers(options: Readonly<RegisterOptions>): string[] {
  return [options.issuer ?? issuerOfWellKnown(options.serverMetadataUrl ?? '')].flat();
}

function foreignIssuer(
  issuer: unknown,
  options: Readonly<RegisterOptions>,
  status?: number,
): OAuthError {
  return new OAuthError(
    'mismatching_issuer',
    `The metadata document has the issuer ${shown(issuer)}, expected ` +
      `"${expectedIssuers(options).join('" or "')}". If the provider is right, set "issuer" ` +
      'to exactly that value.',
    { providerStatus: status },
  );
}

/** The client of a document, and the document's URL. */
interface Reader {
  options: Readonly<RegisterOptions>;
  http: Http;
  from: URL;
}

/**
 * Removes endpoints that are not URLs from a document, which affects only their use. `null` and an
 * empty string count as missing. A URL that must not be used, such as plain http, fails the whole
 * document unless an option replaces it.
 */
function withUsableEndpoints(document: ServerMetadata, reader: Reader): ServerMetadata {
  const { mtls_endpoint_aliases: aliases, ...plain } = document;
  const own = usableOnly(plain, reader);
  if (!isObject(aliases)) return own;
  return { ...own, mtls_endpoint_aliases: usableOnly(withoutNulls(aliases), reader) };
}

function usableOnly(
  document: Readonly<Record<string, unknown>>,
  reader: Reader,
): Record<string, unknown> & { [flaws]?: Flaws } {
  const present = filterMembers(document, (value) => value !== '');
  const found = withoutUndefined(
    mapMembers(present, (url, field) =>
      urlFields.has(field) ? endpointFlaw(field, url, reader) : undefined,
    ),
  );
  const usable = filterMembers(present, (_, field) => !Object.hasOwn(found, field));
  return Object.keys(found).length === 0 ? usable : { ...usable, [flaws]: found as Flaws };
}

/** Returns why the URL of an endpoint must not be used, if so. */
function endpointFlaw(
  field: string,
  url: unknown,
  { options, http, from }: Reader,
): OAuthError | undefined {
  const what = `metadata's "${field}"`;
  const notUrl = new OAuthError(
    'invalid_metadata',
    `The ${what} is not an https URL. Set the URL of this endpoint with the options of register(), or ` +
      'ask the provider to correct its metadata.',
  );
  if (typeof url !== 'string' || !URL.canParse(url)) return notUrl;
  const replaced = fromOptions(options)[field] !== undefined;
  try {
    if (!/^https?:\/\//i.test(url)) throw notUrl;
    const target = http.check(url, what);
    if (options.allowPrivateNetworks || !reachesIn(target, from)) return undefined;
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} is on this machine or a private network, but the metadata document is ` +
        'not. Set "allowPrivateNetworks: true" to allow it.',
    );
  } catch (error) {
    if (replaced && error instanceof OAuthError) return error;
    throw error;
  }
}

/**
 * Returns the URL of an endpoint, or `undefined` if the metadata has none.
 *
 * @throws OAuthError `invalid_metadata` or `insecure_transport` if the URL must not be used
 */
export function usableEndpoint(metadata: ServerMetadata, field: string): string | undefined {
  const url = metadata[field];
  if (typeof url === 'string') return url;
  const flaw = metadata[flaws]?.[field];
  if (flaw) throw flaw;
  return undefined;
}

/** Returns an endpoint URL. Throws an error that names the option to set. */
export function requireEndpoint(
  { metadata }: { metadata: ServerMetadata },
  field: string,
  option: keyof RegisterOptions,
): string {
  const endpoint = usableEndpoint(metadata, field);
  if (endpoint !== undefined) return endpoint;
  throw new OAuthError(
    'invalid_options',
    `"${field}" is missing. Set "${option}", or a "serverMetadataUrl" or "issuer" whose ` +
      'metadata has it, or use a "preset".',
  );
}

/**
 * Merges metadata fields over others, including errors. A field that is set has no error any more.
 */
export function overlay(metadata: ServerMetadata, fields: ServerMetadata): ServerMetadata {
  const flawed = { ...metadata[flaws], ...fields[flaws] };
  const left = filterMembers(flawed, (_, field) => fields[field] === undefined);
  const merged = filterMembers(
    { ...metadata, ...fields },
    (_, field) => fields[field] !== undefined || !Object.hasOwn(flawed, field),
  );
  return Object.keys(left).length === 0 ? merged : { ...merged, [flaws]: left };
}

/**
 * Internal hosts are allowed only for documents from the same network: this machine or a private
 * network.
 */
function reachesIn(target: URL, from: URL): boolean {
  return isInside(target) && !(isInside(from) && isLoopback(target) === isLoopback(from));
}

/** Returns an issuer for a message, only if it is a plain URL. */
function shown(issuer: unknown): string {
  const plain = typeof issuer === 'string' && /^https?:\/\/[\w.:/{}-]{1,200}$/.test(issuer);
  return plain ? `"${issuer}"` : 'something else';
}

/** Returns the endpoints of metadata, with their errors. */
export function onlyEndpoints(metadata: ServerMetadata): ServerMetadata {
  const endpoints = filterMembers(metadata, (_, field) => field.endsWith('_endpoint'));
  return { ...endpoints, [flaws]: metadata[flaws] ?? {} };
}
