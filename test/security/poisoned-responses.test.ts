import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { OAuth, type OAuthError } from '@oauth-registry/core';
import { endpointKinds, isFor, play } from '../support/endpoints.js';
import { appSecrets, leaks, listenToOutput, secretsOf } from '../support/canaries.js';
import { Browser } from '../support/browser.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
  type ProviderRequest,
} from '../support/provider/index.js';
import { requestOf } from '../support/provider/log.js';
import { endpointOf } from '../support/provider/routes.js';
import {
  unreadableWords,
  placesOf,
  poisoned,
  poisonedName,
  poisons,
  textsOfAll,
  watch,
} from './poison.js';

let provider: FakeProvider;
let watched: ReturnType<typeof watch>;
let printed: () => string;
beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
});
afterAll(() => provider.close());
beforeEach(() => {
  watched = watch();
  printed = listenToOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  watched.stop();
  provider.reset();
});

type Kind = (typeof endpointKinds)[string];
type Spoil = (ordinary: ProviderResponse, sent: string) => ProviderResponse;

/** Asks an endpoint that sends a spoilt response; what was shown meanwhile, and must not be. */
type Ask = (spoil: Spoil) => Promise<string[]>;

/**
 * Does once what comes before a request to an endpoint, and takes the provider's response. The request can then be
 * repeated, each time with another response. `fetch` makes it, as the network is in `transport-faults.test.ts`.
 */
async function prepare(kind: Kind): Promise<{ ordinary: ProviderResponse; ask: Ask }> {
  let ordinary: ProviderResponse | undefined;
  let spoil: Spoil = (one) => one;
  let sent: string[] | undefined;
  const respond = (request: ProviderRequest, one: ProviderResponse): ProviderResponse => {
    sent = secretsIn(request);
    return spoil(one, sent.join(' '));
  };
  const respondHere: typeof fetch = async (input, init = {}) => {
    const request = received(String(input), init);
    if (!ordinary || !isFor(kind, request)) return await fetch(input, init);
    provider.requests.push(request);
    return toResponse(respond(request, ordinary));
  };
  const arm = play(provider, kind, async (request, respondAsEver) => {
    ordinary ??= await respondAsEver();
    return respond(request, ordinary);
  });
  const begin = async (): Promise<() => Promise<unknown>> => {
    const made: unknown[] = [];
    const http = kind.guarded ? {} : { fetch: respondHere };
    const run = await kind.begin({ provider, http, made });
    for (const one of made) if (one instanceof OAuth) watched.listenTo(one);
    return run;
  };
  let run = await begin();
  arm();
  expect(await thrownBy(run)).toBeUndefined();
  const ask: Ask = async (change) => {
    spoil = change;
    sent = undefined;
    provider.requests.length = 0;
    let error = await thrownBy(run);
    if (!sent) {
      // The client has cached the last response.
      run = await begin();
      error = await thrownBy(run);
    }
    if (!sent) throw new Error('The endpoint received no request.', { cause: error });
    const texts = { ...watched.texts(), printed: printed(), ...textsOfAll(error) };
    const quoted = leaks({ ...texts, ...wordsOf(error) }, sent);
    return [...placesOf(texts), ...unreadableWords(error), ...quoted];
  };
  expect(await ask((one) => one)).toEqual([]);
  return { ordinary: ordinary ?? {}, ask };
}

/** A request of `fetch`, as the provider would log it. */
function received(
  url: string,
  { method = 'GET', headers: given, body }: RequestInit,
): ProviderRequest {
  const headers = Object.fromEntries(new Headers(given));
  const request = requestOf(url, { method, headers, body: String(body ?? '') });
  return { ...request, endpoint: endpointOf(provider, request) };
}

function toResponse({ status = 200, headers = {}, body }: ProviderResponse): Response {
  const text = typeof body === 'object' ? JSON.stringify(body) : (body ?? null);
  const type = typeof body === 'object' ? { 'content-type': 'application/json' } : {};
  return new Response(text, { status, headers: { ...type, ...(headers as HeadersInit) } });
}

async function thrownBy(run: () => Promise<unknown>): Promise<unknown> {
  try {
    await run();
    return undefined;
  } catch (error) {
    return error;
  }
}

/** The secrets that a request carries. */
function secretsIn({ body, url, headers }: ProviderRequest): string[] {
  const basic = Buffer.from(headers['authorization']?.split(' ')[1] ?? '', 'base64').toString();
  const text = [body, url, basic, ...Object.values(headers)].join('\n');
  return secretsOf(provider, new Browser(), [])
    .filter((one) => one !== 'canary' && !/\s/.test(one))
    .filter((one) => text.includes(one) || text.includes(encodeURIComponent(one)));
}

function wordsOf(thrown: unknown): Record<string, string> {
  const { error = '', error_description = '', error_uri = '' } = (thrown ?? {}) as OAuthError;
  return { error, error_description, error_uri };
}

const bodyOf = ({ body }: ProviderResponse): object =>
  typeof body === 'string'
    ? Object.fromEntries(new URLSearchParams(body))
    : ((body ?? {}) as object);

describe.each(Object.entries(endpointKinds))('%s', (_name, kind) => {
  it('shows no text of a field of its response', { timeout: 60_000 }, async () => {
    const { ordinary, ask } = await prepare(kind);
    const found: string[] = [];
    for (const [title, body] of poisoned(bodyOf(ordinary))) {
      const more = await ask((one) => ({ ...one, body }));
      found.push(...more.map((leak) => `${title}: ${leak}`));
    }
    expect(found).toEqual([]);
  });

  it('shows no text of an error response', { timeout: 60_000 }, async () => {
    const { ask } = await prepare(kind);
    const found: string[] = [];
    for (const [title, poison] of Object.entries(poisons)) {
      const flat = { error: poison, error_description: poison, error_uri: poison, message: poison };
      const nested = { error: { code: poison, type: poison, message: poison } };
      for (const [status, body] of [
        [200, flat],
        [400, { ...flat, [poisonedName]: poison }],
        [400, { ...flat, error: 'invalid_request' }],
        [401, nested],
        [503, flat],
      ] as const) {
        const more = await ask(() => ({ status, body }));
        found.push(...more.map((leak) => `${status} ${title}: ${leak}`));
      }
    }
    expect(found).toEqual([]);
  });

  it('shows no text of a challenge or a page', { timeout: 60_000 }, async () => {
    const { ask } = await prepare(kind);
    const found: string[] = [];
    for (const text of Object.values(poisons).map(String)) {
      const plain = { 'content-type': 'text/plain' };
      const value = text.replaceAll(/[^\x20-\x7e]/g, ' ').replaceAll(/["\\]/g, '\\$&');
      const challenge = `Bearer error="${value}", error_description="${value}", scope="${value}"`;
      const problem = `OAuth oauth_problem="${encodeURIComponent(text)}", oauth_problem_advice=x${encodeURIComponent(text)}`;
      for (const answer of [
        { status: 400, headers: plain, body: text },
        { status: 200, headers: { 'content-type': 'text/html' }, body: text },
        { status: 401, headers: { 'www-authenticate': challenge } },
        { status: 403, headers: { 'www-authenticate': challenge } },
        { status: 401, headers: { 'www-authenticate': problem } },
      ]) {
        found.push(...(await ask(() => answer)));
      }
    }
    expect(found).toEqual([]);
  });

  it('cuts what was sent in confidence out of the words of an error response', async () => {
    const { ask } = await prepare(kind);
    const found: string[] = [];
    for (const status of [400, 401, 503]) {
      const shapes: Spoil[] = [
        (_one, sent) => ({ status, body: { error: sent, error_description: `no: ${sent}` } }),
        (_one, sent) => ({ status, body: { error: { message: sent, code: 'x' } } }),
        (_one, sent) => ({
          status,
          body: { message: sent, error_uri: `https://a.example/?${sent}` },
        }),
        (_one, sent) => ({ status, body: `${sent}`, headers: { 'content-type': 'text/plain' } }),
        (_one, sent) => ({
          status,
          body: `oauth_problem=x&oauth_problem_advice=${encodeURIComponent(sent)}`,
        }),
        (_one, sent) => ({
          status,
          headers: {
            'www-authenticate': `Bearer error="x", error_description="${encodeURI(sent)}"`,
          },
        }),
        (_one, sent) => ({
          status,
          headers: { 'www-authenticate': `OAuth oauth_problem=${encodeURIComponent(sent)}` },
        }),
      ];
      for (const shape of shapes) found.push(...(await ask(shape)));
    }
    expect(found).toEqual([]);
  });
});
