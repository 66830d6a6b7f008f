import { readObject, withoutNulls } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import { isIssuerUrl, isSameIssuer } from '../../../platform/issuer-url.js';
import { challengeParam } from '../../../platform/http/challenge.js';
import { unavailable } from '../endpoint/error-response.js';

/** What a protected resource says about itself. */
export interface ResourceFacts {
  /** Its identifier, as it wants to be called. */
  resource: string;
  /** The issuers of its authorization servers, each once. */
  authorizationServers: readonly string[];
  /** The scope to ask for: that of its challenge, else all it knows. */
  scope: string | undefined;
}

const what = 'protected resource metadata';

/**
 * Finds out about a protected resource: asks it without a token, follows the `resource_metadata` of its
 * challenge, or else looks where the metadata belongs. `undefined` if there is none.
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

/** Two places are possible, so that a failure at the first says nothing of the second. */
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
  // A page for every path says nothing of a document; a server that is down may have had one.
  const failure = failures.find((one) => !(one instanceof NoDocument));
  if (failure !== undefined) throw failure;
  return undefined;
}

/** Failures after which the document may still be in another place. */
function isElsewhere(error: unknown): boolean {
  if (error instanceof NoDocument) return true;
  return (
    error instanceof OAuthError &&
    ['provider_unavailable', 'timeout', 'invalid_response', 'response_too_large'].includes(
      error.code,
    )
  );
}

/** There is a response, and it is no JSON object. */
class NoDocument extends OAuthError {}

async function readAt(
  place: string,
  { http, resource }: { http: Http; resource: string },
): Promise<ResourceFacts | undefined> {
  const url = checkAddress(place, { http, name: 'resource_metadata' });
  const headers = { accept: 'application/json' };
  const answer = await http.exchange({ what, url, headers, document: true });
  if (answer.status >= 500 || answer.status === 429) throw unavailable(answer, what);
  if (answer.status !== 200) return undefined;
  return readDocument(answer.text, { http, resource, url });
}

/**
 * The headers of a 401; resources answer other requests as they like, and nothing is read of them. One that
 * takes POST alone, as MCP servers may, is asked so: with nothing that would mean anything to it.
 */
async function askForChallenge(http: Http, resource: string): Promise<Headers | undefined> {
  for (const request of [bareGet, emptyPost]) {
    const answer = await http.send({ what: 'resource', url: resource, ...request });
    answer.body?.cancel().catch(() => undefined);
    if (answer.status === 401) return answer.headers;
  }
  return undefined;
}

/** What a client of an MCP server must accept; without it, some answer 406 before they ask for a token. */
const accept = 'application/json, text/event-stream';

const bareGet = { headers: { accept } };
const emptyPost = {
  method: 'POST',
  headers: { accept, 'content-type': 'application/json' },
  body: '{}',
};

/** RFC 9728 §3.1: between the host and the path; hosts with one resource put it at the root. */
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

/** An address from a document, through the guarded door. */
export function checkAddress(address: unknown, { http, name }: Place): string {
  if (typeof address === 'string' && /^https?:/i.test(address) && URL.canParse(address)) {
    http.check(address, `"${name}"`);
    return address;
  }
  throw new OAuthError(
    'invalid_metadata',
    `The "${name}" that the resource names is no https URL that may be used. Nothing was sent there.`,
  );
}

function readDocument(
  text: string,
  { http, resource, url }: { http: Http; resource: string; url: string },
): ResourceFacts {
  const found = readObject(text);
  if (!found) throw new NoDocument('invalid_metadata', `The ${what} is not a JSON object.`);
  const document = withoutNulls(found);
  const { resource: named, authorization_servers: servers, scopes_supported: scopes } = document;
  if (!isAbout(named, resource, new URL(url).origin)) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} is about another resource than the registered one (RFC 9728 §3.3). If the provider is ` +
        'right, register the client with exactly the "resource" it names.',
    );
  }
  if (!Array.isArray(servers) || servers.length === 0) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} names no authorization server. Register the client with the server's "issuer" instead.`,
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
  const issuers = servers.map((server) => checkIssuer(server, http));
  return issuers.filter(
    (issuer, at) => issuers.findIndex((other) => isSameIssuer(issuer, other)) === at,
  );
}

/** An authorization server that the resource names (RFC 8414 §2). */
function checkIssuer(server: unknown, http: Http): string {
  const issuer = checkAddress(server, { http, name: 'authorization_servers' });
  if (isIssuerUrl(issuer)) return issuer;
  throw new OAuthError(
    'invalid_metadata',
    'The "authorization_servers" that the resource names are no issuers: plain https URLs without user ' +
      'information, query or fragment (RFC 8414 §2). Nothing was sent there.',
  );
}

/**
 * Tells whether a document may speak for a resource: it names the resource, or, if it is from the resource's
 * own origin, a parent path of it. Real servers publish one document for all of their paths.
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
