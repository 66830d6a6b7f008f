import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { OAuth, type OAuthError } from '@oauth-registry/core';
import { endpointKinds, play } from '../support/endpoints.js';
import { appSecrets, leaks, listenToOutput, secretsOf } from '../support/canaries.js';
import { Browser } from '../support/browser.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
  type ProviderRequest,
} from '../support/provider/index.js';
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
beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
});
afterAll(() => provider.close());
afterEach(() => {
  vi.restoreAllMocks();
  provider.reset();
});

type Kind = (typeof endpointKinds)[string];
type Spoil = (ordinary: ProviderResponse, sent: string) => ProviderResponse;

/** Asks an endpoint whose response is spoilt; what is thrown, and everything that was told meanwhile. */
async function ask(
  kind: Kind,
  spoil: Spoil,
): Promise<{ answer: ProviderResponse; found: string[] }> {
  let answer: ProviderResponse = {};
  let sent: string[] = [];
  const watched = watch();
  const printed = listenToOutput();
  const made: unknown[] = [];
  try {
    play(provider, kind);
    const run = await kind.begin({ provider, http: {}, made });
    for (const one of made) if (one instanceof OAuth) watched.listenTo(one);
    provider.on(kind.endpoint, async (request, respond) => {
      answer = await respond();
      if (!request.path.endsWith(kind.path ?? '')) return answer;
      sent = secretsOf(provider, new Browser(), []).filter(
        (one) => one !== 'canary' && !/\s/.test(one) && isIn(request, one),
      );
      return spoil(answer, sent.join(' '));
    });
    const error = await Promise.resolve(run()).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const texts = { ...watched.texts(), printed: printed(), ...textsOfAll(error) };
    const quoted = leaks({ ...texts, ...wordsOf(error) }, sent);
    return { answer, found: [...placesOf(texts), ...unreadableWords(error), ...quoted] };
  } finally {
    vi.restoreAllMocks();
    watched.stop();
    provider.reset();
    forgetIssued();
  }
}

/** Forgets what the provider has issued, so that the next response is not searched for the secrets of all before. */
function forgetIssued(): void {
  const { codes, accessTokens, refreshTokens, requestTokens, tokenCredentials } = provider;
  for (const issued of [codes, accessTokens, refreshTokens, requestTokens, tokenCredentials]) {
    issued.clear();
  }
}

/** Tells whether a request carries a secret. */
function isIn({ body, url, headers }: ProviderRequest, secret: string): boolean {
  const basic = Buffer.from(headers['authorization']?.split(' ')[1] ?? '', 'base64').toString();
  const texts = [body, url, basic, ...Object.values(headers)];
  return texts.some((text) => text.includes(secret) || text.includes(encodeURIComponent(secret)));
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
    const { answer } = await ask(kind, (ordinary) => ordinary);
    const found: string[] = [];
    for (const [title, body] of poisoned(bodyOf(answer))) {
      const { found: more } = await ask(kind, (one) => ({ ...one, body }));
      found.push(...more.map((leak) => `${title}: ${leak}`));
    }
    expect(found).toEqual([]);
  });

  it('shows no text of an error response', { timeout: 60_000 }, async () => {
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
        const { found: more } = await ask(kind, () => ({ status, body }));
        found.push(...more.map((leak) => `${status} ${title}: ${leak}`));
      }
    }
    expect(found).toEqual([]);
  });

  it('shows no text of a challenge or a page', { timeout: 60_000 }, async () => {
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
        found.push(...(await ask(kind, () => answer)).found);
      }
    }
    expect(found).toEqual([]);
  });

  it('cuts what was sent in confidence out of the words of an error response', async () => {
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
      for (const shape of shapes) found.push(...(await ask(kind, shape)).found);
    }
    expect(found).toEqual([]);
  });
});
