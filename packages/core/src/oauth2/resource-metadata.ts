import { isObject, parseJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { isLoopback, type Http } from '../http.js';
import { challengeParam } from './challenge.js';

/** What a protected resource says about itself. */
export interface ResourceFacts {
  /** Its identifier, as it wants to be called. */
  resource: string;
  /** The issuers of its authorization servers. */
  authorizationServers: readonly string[];
  /** The scope to ask for: that of its challenge, else all it knows. */
  scope: string | undefined;
}

const what = 'protected resource metadata';

/**
 * Finds out about a protected resource: asks it without a token, follows the `resource_metadata` of its
 * challenge, or else looks where the metadata belongs.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5
 */
export async function readResource(http: Http, resource: string): Promise<ResourceFacts> {
  const challenge = await askForChallenge(http, resource);
  const announced = challenge && challengeParam(challenge, 'resource_metadata');
  const places = announced === undefined ? wellKnown(resource) : [announced];
  for (const place of places) {
    const { status, text } = await http.exchange({
      what,
      url: checkAddress(place, { http, resource, name: 'resource_metadata' }),
      headers: { accept: 'application/json' },
    });
    if (status === 200) {
      const facts = readDocument(text, { http, resource });
      const scope = challenge && challengeParam(challenge, 'scope');
      return scope === undefined ? facts : { ...facts, scope };
    }
  }
  throw new OAuthError(
    'invalid_metadata',
    `The resource says nothing of its authorization server: there is no ${what} (RFC 9728 §3). If you ` +
      'know the server, register the client with its "issuer" or "serverMetadataUrl" instead.',
  );
}

/** The headers of a 401; resources answer other requests as they like, and nothing is read of them. */
async function askForChallenge(http: Http, resource: string): Promise<Headers | undefined> {
  const answer = await http.send({ what: 'resource', url: resource });
  answer.body?.cancel().catch(() => undefined);
  return answer.status === 401 ? answer.headers : undefined;
}

/** RFC 9728 §3.1: between the host and the path; hosts with one resource put it at the root. */
function wellKnown(resource: string): string[] {
  const { origin, pathname, search } = new URL(resource);
  const base = `${origin}/.well-known/oauth-protected-resource`;
  const path = `${pathname.replace(/\/$/, '')}${search}`;
  return path === '' ? [base] : [base + path, base];
}

interface Place {
  http: Http;
  resource: string;
  name: string;
}

/** An address from a document: https, and this machine only where the resource itself is on it. */
export function checkAddress(address: unknown, { http, resource, name }: Place): string {
  if (typeof address === 'string' && /^https?:/i.test(address) && URL.canParse(address)) {
    const url = http.check(address, `"${name}"`);
    if (!isLoopback(url) || isLoopback(new URL(resource))) return address;
  }
  throw new OAuthError(
    'invalid_metadata',
    `The "${name}" that the resource names is no https URL that may be used. Nothing was sent there.`,
  );
}

function readDocument(text: string, { http, resource }: Omit<Place, 'name'>): ResourceFacts {
  const document = parse(text);
  const { resource: named, authorization_servers: servers, scopes_supported: scopes } = document;
  if (!isSame(named, resource)) {
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
  const name = 'authorization_servers';
  return {
    resource: String(named),
    authorizationServers: servers.map((server) => checkAddress(server, { http, resource, name })),
    scope: Array.isArray(scopes)
      ? scopes.filter((scope) => typeof scope === 'string').join(' ') || undefined
      : undefined,
  };
}

function parse(text: string): Record<string, unknown> {
  try {
    const document = parseJson(text);
    if (isObject(document)) return document;
  } catch {
    // Falls through to the same error as JSON that is not an object.
  }
  throw new OAuthError('invalid_metadata', `The ${what} is not a JSON object.`);
}

/** Equal but for what no request shows: `https://host` and `https://host/`. */
function isSame(named: unknown, resource: string): boolean {
  return typeof named === 'string' && URL.canParse(named)
    ? new URL(named).href === new URL(resource).href
    : false;
}
