/**
 * Feeds every parser of text from outside hostile text of growing size, up to its limit, and prints how
 * the cost grows: 1.0 is linear, 2.0 quadratic. Ends with exit code 1 when an exponent is 1.2 or more.
 * Run with --expose-gc, and with --max-semi-space-size=512: the cost of moving what survives a collection grows in steps.
 */
import { OAuth, type Token } from '@oauth-registry/core';
import { FrameworkClient, Registry, type BrowserRequest } from '@oauth-registry/core/adapter';
import { indieauth } from '@oauth-registry/core/providers';

const worst = 1.2;
const runs = 7;
const kibibyte = 1024;
const megabyte = 1_000_000;

/** What the provider in this process sends next. */
let respond: (url: string) => Response | undefined = () => undefined;
const json = { 'content-type': 'application/json' };
const https = 'https://provider.example';

const oauth = new OAuth({
  config: {},
  secret: 'a secret of thirty-two characters',
  stateStorage: 'cookie',
  fetch: async (url) => respond(String(url)) ?? new Response('', { status: 404 }),
})
  .register('plain', {
    clientId: 'app',
    clientSecret: 'secret',
    authorizeUrl: `${https}/authorize`,
    accessTokenUrl: `${https}/token`,
    apiBaseUrl: `${https}/api`,
  })
  .register('openid', {
    clientId: 'app',
    clientSecret: 'secret',
    issuer: https,
    authorizeUrl: `${https}/authorize`,
    accessTokenUrl: `${https}/token`,
    jwksUri: `${https}/keys`,
    scope: 'openid',
  })
  .register('oauth1', {
    clientId: 'app',
    clientSecret: 'secret',
    requestTokenUrl: `${https}/request`,
    authorizeUrl: `${https}/authorize`,
    accessTokenUrl: `${https}/token`,
    apiBaseUrl: `${https}/api`,
  });

const pending = await oauth.plain.createAuthorizationUrl('https://app.example/callback');
const callback = { code: 'code', state: pending.state };

/** Reads text as a response of the token endpoint. */
async function readTokenResponse(body: string, type = json): Promise<void> {
  respond = () => new Response(body, { headers: type });
  await oauth.plain.fetchAccessToken(callback, { ...pending });
}

async function readIdToken(idToken: string): Promise<void> {
  respond = () => Response.json({ keys: [] });
  await oauth.openid.parseIdToken(
    { access_token: 'at', token_type: 'Bearer', id_token: idToken },
    { nonce: 'nonce' },
  );
}

/** A client whose metadata and keys are not cached yet. */
async function readDocument(body: string, path: string): Promise<void> {
  const fresh = new OAuth({
    config: {},
    fetch: async (url) =>
      String(url).includes(path) ? new Response(body, { headers: json }) : new Response(),
  }).register('fresh', {
    clientId: 'app',
    clientSecret: 'secret',
    issuer: https,
    authorizeUrl: `${https}/authorize`,
    accessTokenUrl: `${https}/token`,
    ...(path === 'keys' ? { jwksUri: `${https}/keys` } : {}),
    ...(path === 'keys' ? {} : { serverMetadataUrl: `${https}/${path}` }),
  });
  await (path === 'keys' ? fresh.fresh.fetchJwkSet() : fresh.fresh.loadServerMetadata());
}

async function readChallenge(challenge: string): Promise<void> {
  respond = () => new Response('', { status: 401, headers: { 'www-authenticate': challenge } });
  const token = { access_token: 'at', token_type: 'Bearer', refresh_token: 'rt' };
  await oauth.plain.get('user', { token });
}

async function readPage(headers: Record<string, string>, body = ''): Promise<void> {
  const { me } = new OAuth({
    config: {},
    fetch: async (url) => (String(url).startsWith('https://ada.example') ? page() : new Response()),
  }).register('me', indieauth({ clientId: 'https://app.example/' }));
  const page = () => new Response(body, { headers: { 'content-type': 'text/html', ...headers } });
  await me.createAuthorizationUrl('https://app.example/callback', { me: 'https://ada.example/' });
}

async function readOAuth1(body: string, status: number): Promise<void> {
  const date = new Date(Date.now() + 3_600_000).toUTCString();
  respond = () => new Response(body, { status, headers: { date } });
  await oauth.oauth1.createAuthorizationUrl('https://app.example/callback');
}

/** A client that finishes logins as those of an adapter do. */
class CallbackClient<T extends Token = Token> extends FrameworkClient<T> {
  readonly finish = (browser: BrowserRequest): Promise<T> => this.finishLogin(browser);
}

type CallbackClients = Record<'oauth1' | 'oauth2' | 'openid2' | 'any', CallbackClient>;

class CallbackRegistry extends Registry<CallbackClients> {
  constructor() {
    super(
      { config: {}, secret: 'a secret of thirty-two characters', stateStorage: 'cookie' },
      { Client: CallbackClient },
    );
  }
}

const adapter = new CallbackRegistry().register('plain', {
  clientId: 'app',
  authorizeUrl: `${https}/authorize`,
  accessTokenUrl: `${https}/token`,
  responseMode: 'form_post',
});

/** A callback as a browser sends it. */
async function readRequest({ cookie = '', query = '', form = '' }): Promise<void> {
  const headers: Record<string, string> = {
    cookie,
    ...(form ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
  };
  await adapter.plain.finish({
    request: undefined,
    response: undefined,
    method: form ? 'POST' : 'GET',
    query,
    header: (name) => headers[name],
    body: () => form,
    setHeader: () => undefined,
    setCookie: () => undefined,
    session: () => ({ get: () => undefined, set: () => undefined }),
  });
}

function readKey(option: 'rsaKey' | 'privateKey', pem: string): void {
  const options = { clientId: 'app', authorizeUrl: `${https}/a`, accessTokenUrl: `${https}/t` };
  new OAuth({ config: {} }).register(
    'keyed',
    option === 'rsaKey'
      ? { ...options, requestTokenUrl: `${https}/r`, signatureMethod: 'RSA-SHA1', rsaKey: pem }
      : { ...options, tokenEndpointAuthMethod: 'private_key_jwt', privateKey: pem },
  );
}

interface Parser {
  name: string;
  /** The largest text, in characters. */
  limit: number;
  /** A piece that is repeated, between a beginning and an end. */
  text: readonly [start: string, piece: string, end?: string];
  read: (text: string) => unknown;
}

const base64Url = (text: string): string => Buffer.from(text).toString('base64url');
const escapedQuotes = ['{"a":1111111111111111,"b":"', '\\"'] as const;
const jsonTexts: Record<string, Parser['text']> = {
  'an unterminated string of escaped quotes': escapedQuotes,
  'large integers': ['{"a":[1', ',11111111111111111111', ']}'],
  'one number': ['{"a":1', '1', '}'],
  'nested arrays': ['{"a":1111111111111111,"b":', '['],
  'repeated members': ['{"a":1111111111111111', ',"a":1', '}'],
  'members named __proto__': ['{"a":1111111111111111', ',"__proto__":{}', '}'],
};
const formTexts: Record<string, Parser['text']> = {
  'repeated names': ['a=1', '&a=1'],
  'broken escapes': ['a=', '%'],
  'nested names': ['a', '[b]', '=1'],
};
const ofJson = (what: string, read: Parser['read'], limit = megabyte): Parser[] =>
  Object.entries(jsonTexts).map(([name, text]) => ({
    name: `${what}, ${name}`,
    limit,
    text,
    read,
  }));
const ofForms = (what: string, read: Parser['read'], limit: number): Parser[] =>
  Object.entries(formTexts).map(([name, text]) => ({
    name: `${what}, ${name}`,
    limit,
    text,
    read,
  }));
const header = base64Url('{"alg":"RS256","kid":"1"}');
const formType = { 'content-type': 'application/x-www-form-urlencoded' };

const parsers: Parser[] = [
  ...ofJson('JSON of a token response', (text) => readTokenResponse(text)),
  ...ofForms('form of a token response', (text) => readTokenResponse(text, formType), megabyte),
  ...ofJson('JSON of metadata', (text) => readDocument(text, 'metadata'), megabyte),
  ...ofJson('JSON of a JWK Set', (text) => readDocument(text, 'keys'), 256_000),
  {
    name: 'JWK Set, empty keys',
    limit: 256_000,
    text: ['{"keys":[{"kty":"RSA"}', ',{"kty":"RSA"}', ']}'],
    read: (text) => readDocument(text, 'keys'),
  },
  ...ofJson('JWT header', (text) => readIdToken(`${base64Url(text)}.e30.AAAA`), 11 * kibibyte),
  ...ofJson(
    'JWT payload',
    (text) => readIdToken(`${header}.${base64Url(text)}.AAAA`),
    11 * kibibyte,
  ),
  {
    name: 'JWT, parts',
    limit: 16 * kibibyte,
    text: ['a', '.a'],
    read: (text) => readIdToken(text),
  },
  ...ofForms('query of a callback', (text) => readRequest({ query: `?${text}` }), 64 * kibibyte),
  ...ofForms('form of a callback', (text) => readRequest({ form: text }), 64 * kibibyte),
  {
    name: 'cookies, semicolons and spaces',
    limit: 64 * kibibyte,
    text: ['a=1', '; \t'],
    read: (cookie) => readRequest({ cookie, query: '?code=1&state=2' }),
  },
  {
    name: 'cookies, names of pending logins',
    limit: 64 * kibibyte,
    text: ['a=1', '; __Host-oauth-registry.=a'],
    read: (cookie) => readRequest({ cookie, query: '?code=1&state=2' }),
  },
  ...[',Bearer a="', 'DPoP error=', 'Bearer a="\\"', 'a=', ', ', 'Bearer a=" '].map((piece) => ({
    name: `WWW-Authenticate, ${piece.trim()}`,
    limit: 16 * kibibyte,
    text: ['Bearer', piece] as const,
    read: readChallenge,
  })),
  ...[';', ' ;', ';a=', ';rel="', ',<a', '<a>;rel="\\"', '<', ' '].map((piece) => ({
    name: `Link, ${piece.trim() || 'spaces'}`,
    limit: 16 * kibibyte,
    text: ['<https://a.example>', piece] as const,
    read: (link: string) => readPage({ link }),
  })),
  ...['<', '<link ', '<link rel="', '<!--', '<script>', '<a b=', '&#', '<svg', 'a="'].map(
    (piece) => ({
      name: `HTML, ${piece.trim()}`,
      limit: 511 * kibibyte,
      text: ['<link', piece] as const,
      read: (body: string) => readPage({}, body),
    }),
  ),
  ...['-----BEGIN A-----', '-----BEGIN PRIVATE KEY-----\n', 'A', '\n', '-', '\\n'].flatMap(
    (piece) =>
      (['rsaKey', 'privateKey'] as const).map((option) => ({
        name: `PEM of ${option}, ${JSON.stringify(piece)}`,
        limit: 256_000,
        text: ['-----BEGIN PRIVATE KEY-----', piece] as const,
        read: (pem: string) => readKey(option, pem),
      })),
  ),
  ...ofForms('form of OAuth 1', (text) => readOAuth1(text, 200), megabyte),
  ...['timestamp', 'timestamp expired ', 'oauth_problem=', 'oauth_problem="', '<timestamp'].map(
    (piece) => ({
      name: `error of OAuth 1, ${piece.trim()}`,
      limit: 511 * kibibyte,
      text: ['', piece] as const,
      read: (body: string) => readOAuth1(body, 401),
    }),
  ),
];

/** Milliseconds of the processor in the cheapest of some runs. What the parser makes of the text does not matter here. */
async function cost(
  { read, text: [start, piece, end = ''] }: Parser,
  size: number,
): Promise<number> {
  const text = start + piece.repeat((size - start.length - end.length) / piece.length) + end;
  let least = Infinity;
  for (let run = 0; run < runs; run += 1) {
    globalThis.gc?.();
    const began = process.cpuUsage();
    try {
      await read(text);
    } catch (error) {
      // Most of it is refused, but not before it was parsed.
      const { code } = error as { code?: string };
      if (code === 'response_too_large') throw error;
    }
    const { user, system } = process.cpuUsage(began);
    least = Math.min(least, (user + system) / 1000);
  }
  return least;
}

/** The slope of a line through the logarithms of sizes and costs, without what the smallest text costs. */
async function exponentOf(parser: Parser): Promise<{ exponent: number; longest: number }> {
  const floor = await cost(parser, 100);
  const points: [size: number, time: number][] = [];
  for (const share of [1 / 8, 1 / 4, 1 / 2, 1]) {
    const size = parser.limit * share;
    points.push([Math.log(size), Math.log(Math.max(await cost(parser, size), floor))]);
  }
  const mean = (index: 0 | 1) =>
    points.reduce((sum, point) => sum + point[index], 0) / points.length;
  const [x, y] = [mean(0), mean(1)];
  const over = points.reduce((sum, point) => sum + (point[0] - x) * (point[1] - y), 0);
  const under = points.reduce((sum, point) => sum + (point[0] - x) ** 2, 0);
  return { exponent: over / under, longest: Math.exp(points.at(-1)?.[1] ?? 0) };
}

let slow = 0;
for (const parser of parsers) {
  let { exponent, longest } = await exponentOf(parser);
  // Other work on the machine disturbs a measurement; what grows faster than it should does so each time.
  for (let again = 0; exponent >= worst && again < 3; again += 1) {
    ({ exponent, longest } = await exponentOf(parser));
  }
  if (exponent >= worst) slow += 1;
  const size = `${Math.round(parser.limit / kibibyte)} KiB`.padStart(8);
  console.log(
    `${exponent.toFixed(2).padStart(6)}  ${size}  ${longest.toFixed(2).padStart(8)} ms  ${parser.name}`,
  );
}
console.log(`${parsers.length} parsers and texts, ${slow} with an exponent of ${worst} or more`);
process.exitCode = slow === 0 ? 0 : 1;
