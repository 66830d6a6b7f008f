import { inspect } from 'node:util';
import type { OAuth2Client } from '@oauth-registry/core/types';
import { trace } from '@opentelemetry/api';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import * as canaries from '../../support/canaries.js';
import {
  oauth1Client,
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
} from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { contentOf, listen, startTracing, type Heard } from './watch.js';

let provider: FakeProvider;
let app: TestApp;
let heard: Heard[];
let stop: () => void;

beforeAll(async () => {
  provider = await startProvider({ clientSecret: canaries.appSecrets.client });
});
afterAll(() => provider.close());
beforeEach(async () => {
  app = await startApp();
  heard = [];
  stop = listen(heard);
});
afterEach(async () => {
  stop();
  await app.close();
  provider.reset();
  provider.settings.openid = true;
});

/** Starts the application; without a `timeout` it has all the time that a busy machine takes. */
function startApp(timeout = 30_000): Promise<TestApp> {
  return startExpress({
    clients: {
      openid: openidClient(provider),
      plain: plainClient(provider),
      one: oauth1Client(provider, { userinfoEndpoint: `${provider.oauth1.api}/me` }),
    },
    oauth: { timeout, updateToken: () => undefined },
  });
}

/** Restarts the application with a limit for responses that never end. */
async function restartWithLimit(): Promise<void> {
  await app.close();
  app = await startApp(200);
}

const parts = (): string[] => heard.map(({ part }) => part);

/** Everything a client can do, from login to revocation. */
async function wholeLife(name: string): Promise<Browser> {
  provider.settings.openid = name === 'openid';
  const browser = new Browser();
  await browser.follow(`${app.url}/login/${name}`);
  const token = app.tokens.at(-1);
  const client = app.client(name) as unknown as OAuth2Client;
  const given = token as Parameters<OAuth2Client['revokeToken']>[0] & object;
  const attempt = async (run: () => Promise<unknown>): Promise<void> => {
    await run().catch(() => undefined);
  };
  await attempt(() => client.userinfo({ token: given }));
  await attempt(() => client.get('user?secret=canary-in-the-query', { token: given }));
  if (name !== 'one') {
    await attempt(() => client.get('user', { token: { ...given, expires_at: 1 } }));
    await attempt(() => client.introspectToken(given));
    await attempt(() => client.revokeToken(given));
    await attempt(() => client.refreshToken({ ...given, refresh_token: 'canary-nobody-issued' }));
  }
  return browser;
}

describe('events on diagnostics_channel', () => {
  it('[X7] says of every phase when it begins and when it is over', async () => {
    await new Browser().follow(`${app.url}/login/openid`);
    const over = ['asyncStart', 'asyncEnd'];
    expect(parts().filter((part) => !part.startsWith('userinfo'))).toEqual([
      ...['start', 'end', ...over].map((part) => `authorize ${part}`),
      ...['start', 'end'].map((part) => `callback ${part}`),
      ...['start', 'end', ...over].map((part) => `exchange ${part}`),
      ...over.map((part) => `callback ${part}`),
    ]);
    for (const { event } of heard) expect(event.client).toBe('openid');
  });

  it('[X7] says why a phase failed, without a word of the provider', async () => {
    provider.settings.openid = false;
    provider.quirks.callback = 'error';
    await new Browser().follow(`${app.url}/login/plain`);
    const { event } = heard.find(({ part }) => part === 'callback error') ?? {};
    expect(event?.error).toMatchObject({ name: 'OAuthError', code: 'access_denied' });
    expect(parts().slice(-3)).toEqual(
      ['error', 'asyncStart', 'asyncEnd'].map((p) => `callback ${p}`),
    );
  });

  it('[X7] says the method and the status of a resource call', async () => {
    await new Browser().follow(`${app.url}/login/openid`);
    await app.client('openid').post('user', { token: app.tokens[0], json: {} });
    const { event } = heard.find(({ part }) => part === 'resource asyncEnd') ?? {};
    expect(event).toEqual({ client: 'openid', phase: 'resource', method: 'POST', status: 200 });
  });

  it('[X7] tells a failing hook by its kind alone', async () => {
    const failing = { userinfoComplianceFix: () => Promise.reject(new TypeError('canary')) };
    app.oauth.register('failing', openidClient(provider, failing));
    await new Browser().follow(`${app.url}/login/failing`);
    await app
      .client('failing')
      .userinfo({ token: app.tokens[0] })
      .catch(() => undefined);
    const { event } = heard.findLast(({ part }) => part === 'userinfo error') ?? {};
    expect(event?.error).toEqual({ name: 'TypeError', reason: undefined });
  });
});

describe('OpenTelemetry spans', () => {
  it('[X7] a span for each phase, below the one that is active', async () => {
    const tracing = startTracing();
    try {
      await trace.getTracer('app').startActiveSpan('job', async (span) => {
        await app
          .client('openid')
          .get('user', { token: { access_token: 'wrong', token_type: 'Bearer' } });
        span.end();
      });
      await new Browser().follow(`${app.url}/login/openid`);
      const spans = tracing.spans();
      const named = (name: string) => spans.find((span) => span.name === name);
      expect(named('oauth resource')?.attributes).toEqual({
        'oauth.client': 'openid',
        'oauth.phase': 'resource',
        'http.request.method': 'GET',
        'http.response.status_code': 401,
      });
      const above = (name: string) => named(name)?.parentSpanContext?.spanId;
      expect(above('oauth resource')).toBe(named('job')?.spanContext().spanId);
      expect(above('oauth exchange')).toBe(named('oauth callback')?.spanContext().spanId);
    } finally {
      tracing.stop();
    }
  });

  it('[X7] the span of a failed phase has the code of the error', async () => {
    const tracing = startTracing();
    try {
      await app
        .client('plain')
        .get('user')
        .catch(() => undefined);
      const [span] = tracing.spans();
      expect(span?.status).toEqual({ code: 2, message: 'missing_token' });
      expect(span?.attributes).toMatchObject({ 'error.type': 'missing_token' });
    } finally {
      tracing.stop();
    }
  });
});

describe('no secret is in an event or a span', () => {
  const endless = ['hang', 'headers-then-hang', 'drip', 'length-lies', 'endless'];
  const faults: [string, (p: FakeProvider) => void, isEndless?: boolean][] = [
    ['when all goes well', () => undefined],
    ...canaries.allFaults.map((fault): (typeof faults)[number] => [
      `when the token endpoint has ${fault}`,
      (p) => Object.assign(p.quirks, { fault: { token: fault } }),
      endless.includes(fault),
    ]),
    ['when the provider refuses', (p) => Object.assign(p.quirks, { callback: 'error' })],
    ['when the API refuses', (p) => p.accessTokens.clear()],
  ];

  it.each(faults)('[X7] %s', { timeout: 20_000 }, async (_title, prepare, isEndless = false) => {
    if (isEndless) await restartWithLimit();
    const tracing = startTracing();
    const answers: unknown[] = [];
    try {
      const browsers: Browser[] = [];
      for (const name of ['openid', 'plain', 'one']) {
        prepare(provider);
        browsers.push(await wholeLife(name));
      }
      answers.push(...app.tokens);
      const texts = {
        events: inspect(heard, { depth: 10, showHidden: true, getters: true }),
        json: JSON.stringify(heard),
        spans: inspect(tracing.spans().map(contentOf), { depth: 10, showHidden: true }),
      };
      expect(heard.length).toBeGreaterThan(20);
      expect(tracing.spans().length).toBeGreaterThan(5);
      const secrets = browsers.flatMap((one) => canaries.secretsOf(provider, one, answers));
      expect(canaries.leaks(texts, secrets)).toEqual([]);
    } finally {
      tracing.stop();
    }
  });
});
