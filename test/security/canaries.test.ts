import { inspect } from 'node:util';
import type { OAuthOptions } from '@oauth-registry/express';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { idTokenVectors } from '../protocols/oauth2/openid/id-token-vectors.js';
import { playVector } from '../protocols/oauth2/openid/play-vector.js';
import {
  callbackQuirks,
  credentialQuirks,
  jwksQuirks,
  metadataQuirks,
  oauth1CallbackQuirks,
  startProvider,
  userinfoQuirks,
  type ProviderResponse,
  type FakeProvider,
  type Quirks,
} from '../support/provider/index.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
} from '../support/apps/express.js';
import * as canaries from '../support/canaries.js';

let provider: FakeProvider;
let app: TestApp;
let browser: Browser;
let answers: unknown[];
let printed: () => string;

const keysOf = <T extends object>(of: T) => Object.keys(of) as (keyof T)[];

beforeAll(async () => {
  provider = await startProvider({ clientSecret: canaries.appSecrets.client });
});
afterAll(() => provider.close());
beforeEach(() => {
  browser = new Browser();
  answers = [];
  printed = canaries.listenToOutput();
  for (const endpoint of ['token', 'oauth1_request', 'oauth1_access'] as const) {
    provider.on(endpoint, async (_request, respond) => keep(await respond()));
  }
});
afterEach(async () => {
  vi.restoreAllMocks();
  await app.close();
  provider.reset();
  provider.settings.openid = true;
  for (const kept of [provider.codes, provider.accessTokens, provider.refreshTokens]) kept.clear();
});

/** Remembers what an answer holds, form or JSON. */
function keep(answer: ProviderResponse): ProviderResponse {
  const { body } = answer;
  if (typeof body === 'string') answers.push(Object.fromEntries(new URLSearchParams(body)));
  else if (body !== undefined) answers.push(body);
  return answer;
}

async function start(oauth: OAuthOptions = {}, session: object = {}): Promise<void> {
  const { cookie, session: secret } = canaries.appSecrets;
  app = await startExpress({
    clients: {
      openid: openidClient(provider),
      plain: plainClient(provider),
      one: oauth1Client(provider, { userinfoEndpoint: `${provider.oauth1.api}/me` }),
      down: plainClient(provider, { accessTokenUrl: 'http://127.0.0.1:9/token' }),
    },
    oauth: { timeout: 100, secret: cookie, ...oauth },
    session: { secret, resave: false, saveUninitialized: false, ...session },
  });
}

/** Logs in, and then asks for the profile; whatever fails must be silent about secrets. */
async function logIn(client: string): Promise<void> {
  provider.settings.openid = client === 'openid';
  const login = await browser.get(`${app.url}/login/${client}`);
  answers.push(...canaries.cookiesOf(login));
  const visit = await browser.continue(login);
  if (visit.status === 200) {
    const userinfo = app.client(client).userinfo({ token: app.tokens.at(-1) });
    await userinfo.catch((error: unknown) => app.errors.push(error));
  } else {
    expectSilence(canaries.textsOfVisit(visit));
  }
  for (const error of app.errors) expectSilence(canaries.textsOf(error));
  expectSilence({ printed: printed() });
}

function expectSilence(texts: Record<string, string>): void {
  expect(canaries.leaks(texts, canaries.secretsOf(provider, browser, answers))).toEqual([]);
}

/** One way in which a login can go wrong. */
type Scenario = [title: string, client: string, quirks: Partial<Quirks>];

const tokenEndpoints: Scenario[] = (['openid', 'plain'] as const).flatMap((client) => [
  ...canaries.allTokenQuirks.map((quirk): Scenario => {
    return [`token ${quirk}`, client, { tokenResponse: quirk }];
  }),
  ...canaries.allFaults.map((fault): Scenario => {
    return [`token ${fault}`, client, { fault: { token: fault } }];
  }),
]);

function refuse({ params }: { params: URLSearchParams }): void {
  params.delete('code');
  params.set('error', 'canary_error');
  params.set('error_description', 'canary description');
  params.set('error_uri', 'https://canary.example/');
}

const others: Scenario[] = [
  ...canaries.allFaults.flatMap((fault): Scenario[] => [
    [`metadata ${fault}`, 'openid', { fault: { metadata: fault } }],
    [`jwks ${fault}`, 'openid', { fault: { jwks: fault } }],
    [`userinfo ${fault}`, 'openid', { fault: { userinfo: fault } }],
    [`request token ${fault}`, 'one', { fault: { oauth1_request: fault } }],
    [`access token ${fault}`, 'one', { fault: { oauth1_access: fault } }],
    [`profile ${fault}`, 'one', { fault: { oauth1_api: fault } }],
  ]),
  ...keysOf(metadataQuirks).map((metadata): Scenario => [metadata, 'openid', { metadata }]),
  ...keysOf(jwksQuirks).map((jwks): Scenario => [`jwks ${jwks}`, 'openid', { jwks }]),
  ...keysOf(userinfoQuirks).map((userinfo): Scenario => [userinfo, 'openid', { userinfo }]),
  ...keysOf(callbackQuirks).map((callback): Scenario => [callback, 'openid', { callback }]),
  ...keysOf(credentialQuirks).flatMap((quirk): Scenario[] => [
    [`request token ${quirk}`, 'one', { oauth1Request: quirk }],
    [`access token ${quirk}`, 'one', { oauth1Access: quirk }],
  ]),
  ...keysOf(oauth1CallbackQuirks).map((quirk): Scenario => [
    quirk,
    'one',
    { oauth1Callback: quirk },
  ]),
  ['a refusal with a description', 'openid', { callback: refuse }],
  ['a network that is down', 'down', {}],
];

it('the canaries sing: a login’s secrets are known, and found in the places they are in', async () => {
  await start({ timeout: 5000 });
  for (const client of ['openid', 'one']) await logIn(client);
  const secrets = canaries.secretsOf(provider, browser, answers);
  const [two, one] = app.tokens as Record<string, string>[];
  const { query } = provider.last('authorize');
  for (const secret of [
    ...['access_token', 'refresh_token', 'id_token'].map((field) => two?.[field]),
    ...['oauth_token', 'oauth_token_secret'].map((field) => one?.[field]),
    ...['state', 'nonce'].map((name) => query.get(name)),
    ...['code', 'code_verifier'].map((name) => provider.last('token').form.get(name)),
    answers.map((answer) => (answer as { cookie?: string }).cookie).find(Boolean),
  ]) {
    expect(secrets).toContain(secret);
    const error = Object.assign(new Error('harmless'), { cause: { secret } });
    expect(canaries.leaks(canaries.textsOf(error), secrets)).not.toEqual([]);
  }
});

describe('no secret and no word of the provider is in an error, a response or a log', () => {
  it.each([...tokenEndpoints, ...others])('[X4] %s, of %s', async (_title, client, quirks) => {
    await start();
    Object.assign(provider.quirks, quirks);
    await logIn(client);
    expect(app.errors.length + app.tokens.length).toBeGreaterThan(0);
  });

  it.each(
    idTokenVectors.filter(({ accept }) => !accept).map((vector) => [vector.id, vector] as const),
  )('[X4] id_token %s', async (_id, vector) => {
    await start();
    playVector(provider, vector);
    await logIn('openid');
    if (vector.maxAge === undefined) expect(app.errors).toHaveLength(1);
  });

  it('[X4] a callback in another browser, a replay, and one of another client', async () => {
    await start();
    const until = (url: URL) => url.pathname.startsWith('/callback');
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until });
    const callback = String(pending?.url);
    for (const [visitor, url] of [
      [new Browser(), callback],
      [browser, callback.replace('/callback/openid', '/callback/plain')],
      [browser, callback],
    ] as const) {
      const visit = await visitor.get(url);
      expect(visit.status).toBe(400);
      expectSilence(canaries.textsOfVisit(visit));
    }
    expect(app.errors).toHaveLength(3);
    for (const error of app.errors) expectSilence(canaries.textsOf(error));
    expectSilence({ printed: printed() });
  });

  it('[X4] a fetch that quotes the whole request in its error', async () => {
    const send: typeof fetch = async (input, init) => {
      if (init?.method !== 'POST') return await fetch(input, init);
      const quoted = `${String(input)} ${String(init.body)} ${inspect(init.headers)}`;
      const cause = Object.assign(new Error(quoted), { code: 'ECONNRESET', quoted });
      throw Object.assign(new TypeError(quoted, { cause }), { quoted });
    };
    await start({ timeout: 5000, fetch: send });
    for (const client of ['openid', 'plain', 'one']) await logIn(client);
    expect(app.errors).toHaveLength(3);
    for (const error of app.errors) expect(error).toMatchObject({ reason: 'ECONNRESET' });
  });

  it.each(['put', 'take'] as const)(
    '[X4] a store whose %s quotes its key and value',
    async (verb) => {
      const kept = new Map<string, string>();
      const fail = (...args: unknown[]): never => {
        throw Object.assign(new Error(`canary ${args.join(' ')}`), { code: 'ECONNREFUSED', args });
      };
      const put = (key: string, value: string) => void kept.set(key, value);
      const take = (key: string) => kept.get(key);
      await start({ timeout: 5000, stateStorage: { put, take, [verb]: fail } });
      for (const client of ['openid', 'plain', 'one']) await logIn(client);
      expect(app.errors).toHaveLength(3);
      for (const error of app.errors) expect(error).toMatchObject({ code: 'storage_failed' });
      for (const value of kept.values()) {
        for (const error of app.errors) expect(inspect(error)).not.toContain(value);
      }
    },
  );

  it.each(['get', 'set', 'destroy'] as const)(
    '[X4] a session store whose %s fails',
    async (verb) => {
      const { MemoryStore } = (await import('express-session')).default;
      const store = new MemoryStore();
      await start({ timeout: 5000 }, { store });
      const until = (url: URL) => url.pathname.startsWith('/callback');
      if (verb !== 'set') await browser.follow(`${app.url}/login/plain`, { until });
      store[verb] = (...args: unknown[]) => {
        const done = args.at(-1) as (error: unknown) => void;
        done(new Error(`canary ${inspect(args)}`));
      };
      await logIn('openid');
      expect(app.errors).toHaveLength(1);
    },
  );
});
