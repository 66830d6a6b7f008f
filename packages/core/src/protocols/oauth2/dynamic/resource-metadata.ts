import { readObject, withoutNulls } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import { isIssuerUrl, isSameIssuer } from '../../../platform/issuer-url.js';
import { challengeParam } from '../../../platform/http/challenge.js';
import { isUnavailable, providerUnavailable } from '../../../platform/http/unavailable.js';

/** The metadata of a protected resource. */
export interface ResourceFacts {
  /** The resource identifier, as in the metadata. */
  resource: string;
  /** The issuers of its authorization servers, without duplicates. */
  authorizationServers: readonly string[];
  /** The scope to request: that of the challenge, else all supported scopes. */
  scope: string | undefined;
}

const what = 'protected resource metadata';

/**
 * Discovers the metadata of a protected resource: sends a request without a token and follows
 * `resource_metadata` in the challenge, or else tries the well-known URLs. Returns `undefined` if
 * there is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5
 */
export async function readResource(
  http: Http,
  resource: string,
): Promise<ResourceFacts | undefined> {
  const challenge = await askForChallenge(http, resource);
  const announced = challenge && challengeParam(challenge, 'resource_metadata');
  const facts =
    announced === undefined
      ? await firstOf(wellKnown(resource), (url) => readAt(url, { http, resource }))
      : await readAt(announced, { http, resource });
  const scope = challenge && challengeParam(challenge, 'scope');
  return facts && scope ? { ...facts, scope } : facts;
}

/** Returns the first metadata found. A failure at one URL is not final for the next. */
async function firstOf(
  places: readonly string[],
  read: (url: string) => Promise<ResourceFacts | undefined>,
): Promise<ResourceFacts | undefined> {
  const failures: unknown[] = [];
  for (const place of places) {
    try {
      const facts = await read(place);
      if (facts) return facts;
    } catch (error) {
      if (!isElsewhere(error)) throw error;
      failures.push(error);
    }
  }
  // A page at every path is no sign of a document; an unavailable server may have had one.
  const failure = failures.find((one) => !(one instanceof NoDocument));
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Whether a failure leaves it possible that the document is at another URL. */
function isElsewhere(error: unknown): boolean {
  if (error instanceof NoDocument) return true;
  return (
    error instanceof OAuthError &&
    ['provider_unavailable', 'timeout', 'invalid_response', 'response_too_large'].includes(
      error.code,
    )
  );
}

/** The error for a response that is not a JSON object. */
class NoDocument extends OAuthError {}

async function readAt(
  place: string,
  { http, resource }: { http: Http; resource: string },
): Promise<ResourceFacts | undefined> {
  const url = checkMetadataUrl(place, { http, name: 'resource_metadata' });
  const headers = { accept: 'application/json' };
  const response = await http.send({ what, url, headers, document: true });
  if (isUnavailable(response)) throw providerUnavailable(response, what);
  if (response.status !== 200) return undefined;
  return readResourceMetadata(response.text, { http, resource, url });
}

/**
 * Returns the headers of a 401. All other responses are ignored. If a resource accepts only POST,
 * as MCP servers may, an empty POST is sent.
 */
async function askForChallenge(http: Http, resource: string): Promise<Headers | undefined> {
  for (const request of [bareGet, emptyPost]) {
    const response = await http.sendResource({ what: 'resource', url: resource, ...request });
    response.body?.cancel().catch(() => undefined);
    if (response.status === 401) return response.headers;
  }
  return undefined;
}

/** The media types an MCP client must accept; without them, some servers return 406 before 401. */
const accept = 'application/json, text/event-stream';

const bareGet = { headers: { accept } };
const emptyPost = {
  method: 'POST',
  headers: { accept, 'content-type': 'application/json' },
  body: '{}',
};

/**
 * Returns the well-known URLs (RFC 9728 §3.1): with the resource's path, and at the root for hosts
 * with one resource.
 */
function wellKnown(resource: string): string[] {
  const { origin, pathname, search } = new URL(resource);
  const base = `${origin}/.well-known/oauth-protected-resource`;
  const path = `${pathname.replace(/\/$/, '')}${search}`;
  return path === '' ? [base] : [base + path, base];
}

interface Place {
  http: Http;
  name: string;
}

/** Validates a URL from a metadata document. */
export function checkMetadataUrl(url: unknown, { http, name }: Place): string {
  if (typeof url === 'string' && /^https?:/i.test(url) && URL.canParse(url)) {
    http.check(url, `"${name}"`);
    return url;
  }
  throw new OAuthError(
    'invalid_metadata',
    `The "${name}" of the resource is not an https URL. No request was sent there. Register the client with the ` +
      'server\'s "issuer" instead.',
  );
}

function readResourceMetadata(
  text: string,
  { http, resource, url }: { http: Http; resource: string; url: string },
): ResourceFacts {
  const found = readObject(text);
  if (!found)
    throw new NoDocument('invalid_metadata', `The ${what} is not a JSON object. Check "resource".`);
  const document = withoutNulls(found);
  const { resource: named, authorization_servers: servers, scopes_supported: scopes } = document;
  if (!isAbout(named, resource, new URL(url).origin)) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} has another "resource" than the registered one (RFC 9728 §3.3). If the ` +
        'provider is right, set "resource" to exactly that value.',
    );
  }
  if (!Array.isArray(servers) || servers.length === 0) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} has no "authorization_servers". Register the client with the server's ` +
        '"issuer" instead.',
    );
  }
  return {
    resource: named,
    authorizationServers: issuersOf(servers, http),
    scope: Array.isArray(scopes)
      ? scopes.filter((scope) => typeof scope === 'string').join(' ') || undefined
      : undefined,
  };
}

function issuersOf(servers: readonly unknown[], http: Http): string[] {
  const issuers = servers.map((server) => requireIssuerUrl(server, http));
  return issuers.filter(
    (issuer, at) => issuers.findIndex((other) => isSameIssuer(issuer, other)) === at,
  );
}

/** Validates an authorization server of the metadata (RFC 8414 §2). */
function requireIssuerUrl(server: unknown, http: Http): string {
  const issuer = checkMetadataUrl(server, { http, name: 'authorization_servers' });
  if (isIssuerUrl(issuer)) return issuer;
  throw new OAuthError(
    'invalid_metadata',
    'The "authorization_servers" of the resource are not issuers: plain https URLs without ' +
      'user information, query or fragment (RFC 8414 §2). No request was sent there. Register the client with the ' +
      'server\'s "issuer" instead.',
  );
}

/**
 * Whether a document is valid for a resource: it has the same identifier, or, if it comes from the
 * resource's own origin, a parent path of it. Some servers publish one document for all their
 * paths.
 */
function isAbout(named: unknown, resource: string, origin: string): named is string {
  if (typeof named !== 'string' || !URL.canParse(named)) return false;
  const [general, exact] = [new URL(named), new URL(resource)];
  if (general.href === exact.href) return true;
  const folder = general.pathname.replace(/\/$/, '');
  const parent =
    general.href === `${general.origin}${general.pathname}` &&
    (exact.pathname === folder || exact.pathname.startsWith(`${folder}/`));
  return parent && general.origin === exact.origin && origin === exact.origin;
}
