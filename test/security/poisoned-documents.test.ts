import { OAuth, type OAuth2Token } from '@oauth-registry/core';
import { bluesky, indieauth } from '@oauth-registry/core/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { ada, clientId as atprotoClientId, startAtproto } from '../providers/atproto/world.js';
import { listenToOutput } from '../support/canaries.js';
import {
  clientId as indieauthClientId,
  link,
  page,
  startIndieAuth,
} from '../providers/indieauth/world.js';
import { placesOf, poisoned, poisons, textsOfAll, unreadableWords, watch } from './poison.js';

afterEach(() => vi.restoreAllMocks());

type Fetch = typeof globalThis.fetch;
type Change = (response: Response, request: string) => Response | Promise<Response>;

/** A login against servers that others run; `change` may spoil any of their responses. */
interface World {
  fetch: Fetch;
  begin(fetch: Fetch): { oauth: OAuth; login(comeBack: ComeBack): Promise<OAuth2Token> };
  close(): Promise<void>;
}
type ComeBack = (url: string) => Promise<string>;

const worlds: Record<string, () => Promise<World>> = {
  'the AT Protocol': async () => {
    const { hosts, close } = await startAtproto();
    const begin: World['begin'] = (fetch) => {
      const oauth = new OAuth({ config: {}, fetch, baseUrl: 'https://app.test' });
      const client = oauth.register('bluesky', bluesky({ clientId: atprotoClientId })).bluesky;
      const login = async (comeBack: ComeBack): Promise<OAuth2Token> => {
        const request = await client.createAuthorizationUrl('https://app.test/callback/bluesky', {
          handle: 'ada.test',
        });
        return await client.fetchAccessToken(await comeBack(request.url), request);
      };
      return { oauth, login };
    };
    return { fetch: hosts.fetch, begin, close };
  },
  IndieAuth: async () => {
    const { hosts, close } = await startIndieAuth();
    const begin: World['begin'] = (fetch) => {
      const oauth = new OAuth({ config: {}, fetch });
      const options = indieauth({ clientId: indieauthClientId, scope: 'profile create' });
      const client = oauth.register('indieauth', options).indieauth;
      const login = async (comeBack: ComeBack): Promise<OAuth2Token> => {
        const request = await client.createAuthorizationUrl('https://app.test/callback/indieauth', {
          me: 'ada.test',
        });
        return await client.fetchAccessToken(await comeBack(request.url), request);
      };
      return { oauth, login };
    };
    return { fetch: hosts.fetch, begin, close };
  },
};

/** Logs in, with responses and a callback that are spoilt; finds what others wrote in what is shown. */
async function attempt(
  world: World,
  { change = (response) => response, callback = (url) => url }: Partial<Spoils>,
): Promise<string[]> {
  const watched = watch();
  const printed = listenToOutput();
  try {
    const changed: Fetch = async (input, init) =>
      await change(await world.fetch(input, init), `${init?.method ?? 'GET'} ${String(input)}`);
    const { oauth, login } = world.begin(changed);
    watched.listenTo(oauth);
    const comeBack: ComeBack = async (url) => {
      const response = await world.fetch(url, { redirect: 'manual' });
      return callback(new URL(response.headers.get('location') ?? 'about:blank')).href;
    };
    const error: unknown = await login(comeBack).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const texts = { ...watched.texts(), printed: printed(), ...textsOfAll(error) };
    return [...placesOf(texts), ...unreadableWords(error)];
  } finally {
    vi.restoreAllMocks();
    watched.stop();
  }
}

interface Spoils {
  change: Change;
  callback: (url: URL) => URL;
}

/** Every response of a login that goes well: its request, and its text. */
async function responsesOf(world: World): Promise<Map<string, string>> {
  const seen = new Map<string, string>();
  const change: Change = async (response, request) => {
    if (response.status === 200 || response.status === 201) {
      seen.set(request, await response.clone().text());
    }
    return response;
  };
  expect(await attempt(world, { change })).toEqual([]);
  return seen;
}

function respoken({ status, headers: given }: Response, body: string): Response {
  const headers = new Headers(given);
  headers.delete('content-length');
  return new Response(body, { status, headers });
}

const kinds = ['markup', 'a line break', 'a bidirectional override', 'a URL with markup', 'a list'];

describe.each(Object.entries(worlds))('a login with %s', (_name, start) => {
  it('shows no text of any field of a document', { timeout: 120_000 }, async () => {
    const world = await start();
    const found: string[] = [];
    for (const [request, text] of await responsesOf(world)) {
      const variants = text.startsWith('{')
        ? poisoned(JSON.parse(text) as object, kinds)
        : kinds.map((kind): [string, unknown] => [kind, poisons[kind]]);
      for (const [title, body] of variants) {
        const spoilt = typeof body === 'string' ? body : JSON.stringify(body);
        const change: Change = (response, asked) =>
          asked === request ? respoken(response, spoilt) : response;
        const leaks = await attempt(world, { change });
        found.push(...leaks.map((leak) => `${request} ${title}: ${leak}`));
      }
    }
    await world.close();
    expect(found).toEqual([]);
  });

  it('shows no text of an error response or a header', { timeout: 120_000 }, async () => {
    const world = await start();
    const found: string[] = [];
    for (const [request] of await responsesOf(world)) {
      for (const kind of kinds) {
        const poison = poisons[kind];
        const printable = String(poison).replaceAll(/[^\x20-\x7e]/g, '');
        const quoted = printable.replaceAll(/["\\]/g, '\\$&');
        const responses = [
          Response.json(
            { error: poison, error_description: poison, message: poison, error_uri: poison },
            { status: 400 },
          ),
          new Response(printable, { status: 400, headers: { 'content-type': 'text/plain' } }),
          new Response('', {
            status: 401,
            headers: {
              'www-authenticate': `DPoP error="${quoted}", error_description="${quoted}"`,
            },
          }),
          new Response('', {
            status: 302,
            headers: { location: `https://a.test/${encodeURI(printable)}` },
          }),
          new Response('{}', {
            status: 200,
            headers: {
              'content-type': printable,
              link: `<${printable}>; rel="indieauth-metadata"`,
              'retry-after': printable,
            },
          }),
          new Response('{}', { status: 503, headers: { 'retry-after': printable } }),
        ];
        for (const spoilt of responses) {
          const change: Change = (response, asked) => (asked === request ? spoilt : response);
          const leaks = await attempt(world, { change });
          found.push(...leaks.map((leak) => `${request} ${kind} ${spoilt.status}: ${leak}`));
        }
      }
    }
    await world.close();
    expect(found).toEqual([]);
  });

  it('shows no text of the callback', { timeout: 60_000 }, async () => {
    const world = await start();
    const found: string[] = [];
    for (const name of [
      'iss',
      'state',
      'code',
      'error',
      'error_description',
      'error_uri',
      'kestrel<',
    ]) {
      for (const [kind, poison] of Object.entries(poisons)) {
        const callback = (url: URL): URL => {
          if (name.startsWith('error_')) url.searchParams.set('error', 'server_error');
          url.searchParams.set(name, String(poison));
          return url;
        };
        const leaks = await attempt(world, { callback });
        found.push(...leaks.map((leak) => `${name} ${kind}: ${leak}`));
      }
    }
    await world.close();
    expect(found).toEqual([]);
  });
});

describe('a home page', () => {
  it('shows no text of its links', { timeout: 60_000 }, async () => {
    const world = await worlds['IndieAuth']?.();
    if (!world) return;
    const found: string[] = [];
    const rels = ['indieauth-metadata', 'authorization_endpoint', 'token_endpoint'];
    for (const rel of rels) {
      for (const [kind, poison] of Object.entries(poisons)) {
        const html = await page(link(rel, String(poison)))(new Request('https://ada.test/'));
        const text = await html.text();
        const change: Change = (response, asked) =>
          asked === 'GET https://ada.test/' ? respoken(response, text) : response;
        const leaks = await attempt(world, { change });
        found.push(...leaks.map((leak) => `${rel} ${kind}: ${leak}`));
      }
    }
    await world.close();
    expect(found).toEqual([]);
  });
});

it('shows no text that a user gives as a name', async () => {
  const found: string[] = [];
  for (const poison of Object.values(poisons).map(String)) {
    for (const text of [
      poison,
      `did:plc:${poison}`,
      `https://${poison}`,
      `${ada}${poison}`,
      `a.test/${poison}`,
    ]) {
      const oauth = new OAuth({ config: {} })
        .register('bluesky', bluesky({ clientId: atprotoClientId }))
        .register('indieauth', indieauth({ clientId: indieauthClientId }));
      const asked = [
        oauth.bluesky.createAuthorizationUrl('https://app.test/callback', { handle: text }),
        oauth.indieauth.createAuthorizationUrl('https://app.test/callback', { me: text }),
      ];
      for (const result of await Promise.allSettled(asked)) {
        if (result.status === 'rejected') found.push(...placesOf(textsOfAll(result.reason)));
      }
    }
  }
  expect(found).toEqual([]);
});
