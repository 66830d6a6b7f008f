import { readObject, withoutNulls } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { Http } from '../http.js';
import { challengeParam } from './challenge.js';
import { unavailable } from './token-response.js';

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
 * challenge, or else looks where the metadata belongs. `undefined` where there is none.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728#section-5
 */
export async function readResource(
  http: Http,
  resource: string,
): Promise<ResourceFacts | undefined> {
  const challenge = await askForChallenge(http, resource);
  const announced = challenge && challengeParam(challenge, 'resource_metadata');
  const places = announced === undefined ? wellKnown(resource) : [announced];
  for (const place of places) {
    const answer = await http.exchange({
      what,
      url: checkAddress(place, { http, name: 'resource_metadata' }),
      headers: { accept: 'application/json' },
    });
    if (answer.status >= 500 || answer.status === 429) throw unavailable(answer, what);
    // A web page at a guessed URL says nothing about the next one; at a URL that the resource names, it is a fault.
    const isPage = announced === undefined && readObject(answer.text) === undefined;
    if (answer.status === 200 && !isPage) {
      const facts = readDocument(answer.text, { http, resource });
      const scope = challenge && challengeParam(challenge, 'scope');
      return scope === undefined ? facts : { ...facts, scope };
    }
  }
  return undefined;
}

/**
 * The headers of a 401; resources answer other requests as they like, and nothing is read of them. One that
 * takes POST alone, as MCP servers may, is asked so: with nothing that would mean anything to it.
 */
async function askForChallenge(http: Http, resource: string): Promise<Headers | undefined> {
  const ask = async (more: object): Promise<Response> => {
    const answer = await http.send({ what: 'resource', url: resource, ...more });
    answer.body?.cancel().catch(() => undefined);
    return answer;
  };
  const got = await ask({});
  const { status, headers } = got.status === 405 ? await ask(emptyPost) : got;
  return status === 401 ? headers : undefined;
}

const emptyPost = {
  method: 'POST',
  headers: { 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
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
  { http, resource }: { http: Http; resource: string },
): ResourceFacts {
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
    authorizationServers: servers.map((server) => checkAddress(server, { http, name })),
    scope: Array.isArray(scopes)
      ? scopes.filter((scope) => typeof scope === 'string').join(' ') || undefined
      : undefined,
  };
}

function parse(text: string): Record<string, unknown> {
  const document = readObject(text);
  if (document) return withoutNulls(document);
  throw new OAuthError('invalid_metadata', `The ${what} is not a JSON object.`);
}

/** Equal but for what no request shows: `https://host` and `https://host/`. */
function isSame(named: unknown, resource: string): boolean {
  return typeof named === 'string' && URL.canParse(named)
    ? new URL(named).href === new URL(resource).href
    : false;
}
