import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { RegisterOptions } from '@oauth-registry/core';
import type { LogoutEvent, PhaseEvent, StateStore } from '@oauth-registry/core/types';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import {
  attackerKey,
  ecKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { frameworks, type LogoutApp } from './apps.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  provider.settings.idTokenAlg = 'RS256';
});

const now = (): number => Math.floor(Date.now() / 1000);
const event = 'http://schemas.openid.net/event/backchannel-logout';

const claims = (): Record<string, unknown> => ({
  iss: provider.issuer,
  sub: 'user-1',
  aud: provider.settings.clientId,
  jti: randomUUID(),
  sid: 'session-1',
  events: { [event]: {} },
  iat: now(),
  exp: now() + 120,
  unknown_claim: 'ignored',
});
const header = (): Record<string, unknown> => ({ alg: 'RS256', kid: provider.keys.rsa.kid });

describe.each(frameworks)('back-channel logout on %s', (_, start) => {
  let app: LogoutApp;
  let fail: Error | undefined;
  beforeAll(async () => {
    const onLogout = (): void => {
      if (fail) throw fail;
    };
    app = await start({ client: openidClient(provider), onLogout });
  });
  afterAll(() => app.close());
  beforeEach(() => {
    app.events.length = 0;
    fail = undefined;
  });

  async function post(token: string | undefined, init: RequestInit = {}): Promise<number> {
    const body = new URLSearchParams(token === undefined ? {} : { logout_token: token });
    const answer = await fetch(`${app.url}/backchannel`, { method: 'POST', body, ...init });
    expect(answer.headers.get('cache-control')).toBe('no-store');
    return answer.status;
  }
  const sign = (change: object = {}, head: object = {}): string =>
    signJws({ ...claims(), ...change }, { ...header(), ...head }, provider.keys.rsa);

  it('[X12] a logout token: exactly 200, and the event', async () => {
    expect(await post(sign())).toBe(200);
    expect(app.events).toEqual<LogoutEvent[]>([
      {
        client: 'corp',
        iss: provider.issuer,
        sub: 'user-1',
        sid: 'session-1',
        claims: expect.objectContaining({ unknown_claim: 'ignored' }) as never,
      },
    ]);
  });

  it('[X12] a logout token about a user whose sub is not ASCII, with members that are null: 200', async () => {
    expect(await post(sign({ sub: 'j\u00fcrgen', nonce: null, sid: null }))).toBe(200);
    expect(app.events).toMatchObject([{ sub: 'j\u00fcrgen' }]);
    expect(app.events[0]).not.toHaveProperty('sid');
  });

  it.each<[string, () => string | undefined]>([
    [' without a signature', () => sign({}, { alg: 'none' })],
    [
      ' with another algorithm',
      () => signJws(claims(), { alg: 'ES256', kid: provider.keys.ec.kid }, provider.keys.ec),
    ],
    [' for another client', () => sign({ aud: `${provider.settings.clientId}1` })],
    [' of another issuer', () => sign({ iss: `${provider.issuer}1` })],
    [' without an event', () => sign({ events: undefined })],
    [' about another event', () => sign({ events: { [`${event}1`]: {} } })],
    [' with a nonce', () => sign({ nonce: 'n' })],
    [' with an event that is no object', () => sign({ events: { [event]: 'yes' } })],
    [' with an event as a list', () => sign({ events: [event] })],
    [' without aud', () => sign({ aud: undefined })],
    [' without iss', () => sign({ iss: undefined })],
    [' without iat', () => sign({ iat: undefined })],
    [' from the future', () => sign({ iat: now() + 600 })],
    [' of two days ago', () => sign({ iat: now() - 2 * 86_400 })],
    [' without exp', () => sign({ exp: undefined })],
    [' expired', () => sign({ exp: now() - 60 })],
    [' without jti', () => sign({ jti: undefined })],
    [' without sub and sid', () => sign({ sub: undefined, sid: undefined })],
    [' with a sub that is no text', () => sign({ sub: { $ne: '' } })],
    [' with a sid that is no text', () => sign({ sid: 1 })],
    [' with a sub of control characters', () => sign({ sub: 'a\u0000b' })],
    [' with a sub of 256 characters', () => sign({ sub: 'x'.repeat(256) })],
    [' with a sid that is not well-formed', () => sign({ sid: '\ud800' })],
    [' of another type', () => sign({}, { typ: 'at+jwt' })],
    [' by a foreign key', () => signJws(claims(), header(), attackerKey())],
    [' that is no JWT', () => 'x'],
    [' absent', () => undefined],
  ])('[X12] a logout token%s: exactly 400', async (_name, token) => {
    expect(await post(token())).toBe(400);
    expect(app.events).toEqual([]);
  });

  it('[X12] takes a token that names a user or a session, by either type (§2.4)', async () => {
    expect(await post(sign({ sid: undefined }, { typ: 'logout+jwt' }))).toBe(200);
    expect(await post(sign({ sub: undefined, aud: ['x', provider.settings.clientId] }))).toBe(200);
    expect(app.events.map(({ sub, sid }) => [sub, sid])).toEqual([
      ['user-1', undefined],
      [undefined, 'session-1'],
    ]);
  });

  it('[X12] takes a token once, unless the application failed (§2.6)', async () => {
    const token = sign();
    fail = new Error('The database is down.');
    expect(await post(token)).toBe(400);
    fail = undefined;
    expect(await post(token)).toBe(200);
    expect(await post(token)).toBe(400);
    expect(app.events).toHaveLength(1);
  });

  it('[X12] takes a token once in all processes that share a store (§2.6)', async () => {
    const kept = new Map<string, string>();
    let broken = false;
    const stateStorage: StateStore = {
      put: (key, value, ttl) => {
        if (broken) throw new Error('The store is down.');
        expect(ttl).toBeGreaterThan(100);
        kept.set(key, value);
      },
      take: (key) => {
        const value = kept.get(key);
        kept.delete(key);
        return value;
      },
    };
    const onLogout = (): void => {
      if (fail) throw fail;
    };
    const options = { client: openidClient(provider), oauth: { stateStorage }, onLogout };
    const others = await Promise.all([start(options), start(options)]);
    const send = async (to: LogoutApp | undefined, token: string): Promise<number> => {
      const body = new URLSearchParams({ logout_token: token });
      return (await fetch(`${to?.url}/backchannel`, { method: 'POST', body })).status;
    };
    const [one, two] = others;
    const [first, second] = [sign(), sign()];
    expect([await send(one, first), await send(two, first)]).toEqual([200, 400]);
    expect([...kept.keys()].join()).not.toContain(provider.issuer);
    broken = true;
    expect(await send(one, second)).toBe(400);
    broken = false;
    fail = new Error('The database is down.');
    expect(await send(one, second)).toBe(400);
    fail = undefined;
    expect([await send(two, second), await send(one, second)]).toEqual([200, 400]);
    expect(others.map(({ events }) => events.length)).toEqual([1, 1]);
    await Promise.all(others.map((other) => other.close()));
  });

  it('[A21] takes tokens of the tenants that may log in', async () => {
    const template = `${provider.origin}/{tenantid}`;
    provider.quirks.metadata = { issuer: template };
    const client = openidClient(provider, { issuer: template, tenants: ['one'] });
    const args = { '/frontchannel': [{ sid: 's' }] };
    const other = await start({ client, args });
    const send = async (tenant: string): Promise<number> => {
      const token = sign({ iss: `${provider.origin}/${tenant}` });
      const body = new URLSearchParams({ logout_token: token });
      return (await fetch(`${other.url}/backchannel`, { method: 'POST', body })).status;
    };
    expect([await send('one'), await send('two'), await send('{tenantid}')]).toEqual([
      200, 400, 400,
    ]);
    expect(other.events[0]?.iss).toBe(`${provider.origin}/one`);
    const frame = async (query: Record<string, string>): Promise<number> =>
      (await fetch(`${other.url}/frontchannel?${new URLSearchParams(query)}`)).status;
    expect(await frame({ iss: `${provider.origin}/one`, sid: 's' })).toBe(200);
    expect(await frame({ iss: `${provider.origin}/two`, sid: 's' })).toBe(400);
    expect(await frame({})).toBe(400);
    expect(other.events).toHaveLength(2);
    await other.close();
  });

  it('[X12] verifies with the algorithm the provider uses', async () => {
    provider.settings.idTokenAlg = 'ES256';
    const other = await start({ client: openidClient(provider) });
    const token = signJws(claims(), { alg: 'ES256', kid: ecKey().kid }, ecKey());
    const body = new URLSearchParams({ logout_token: token });
    const answer = await fetch(`${other.url}/backchannel`, { method: 'POST', body });
    expect(answer.status).toBe(200);
    await other.close();
  });

  it('[X12] responds with 400 to anything but a form by POST', async () => {
    const json = { headers: { 'content-type': 'application/json' }, body: '{}' };
    expect(await post(undefined, json)).toBe(400);
    const twice = `logout_token=${sign()}&logout_token=${sign()}`;
    const form = { 'content-type': 'application/x-www-form-urlencoded' };
    expect(await post(undefined, { body: twice, headers: form })).toBe(400);
    const url = `${app.url}/backchannel?logout_token=${sign()}`;
    expect((await fetch(url)).status).toBe(400);
    expect(app.events).toEqual([]);
  });

  it('[X12] responds with 400 while the keys cannot be had', async () => {
    provider.quirks.jwksStatus = 500;
    const unknown = signJws(claims(), { alg: 'RS256', kid: 'new' }, provider.keys.rsa);
    expect(await post(unknown)).toBe(400);
  });
});

describe.each(frameworks)('front-channel logout on %s', (_, start) => {
  const apps = new Map<string, LogoutApp>();
  const running = async (
    name: string,
    session: unknown[],
    more: RegisterOptions = {},
  ): Promise<void> => {
    const args = { '/frontchannel': session };
    apps.set(name, await start({ client: openidClient(provider, more), args }));
  };
  beforeAll(async () => {
    const optional = { frontchannelLogoutSessionRequired: false };
    await running('bound', [{ sid: 'session-1' }]);
    await running('optional', [{ sid: 'session-1' }], optional);
    await running('undefined', [undefined], optional);
    await running('null', [null], optional);
    await running('no sid', [{}], optional);
    await running('undefined sid', [{ sid: undefined }], optional);
    await running('empty sid', [{ sid: '' }], optional);
    await running('sid of another type', [{ sid: 1 }], optional);
    await running('no argument', [], optional);
    await running('text', ['session-1'], optional);
  });
  afterAll(() => Promise.all([...apps.values()].map((app) => app.close())));
  beforeEach(() => {
    for (const app of apps.values()) app.events.length = 0;
  });
  const appOf = (name: string): LogoutApp => {
    const app = apps.get(name);
    if (!app) throw new Error(`There is no application "${name}".`);
    return app;
  };
  const get = (app: LogoutApp, query: Record<string, string> | string) =>
    fetch(`${app.url}/frontchannel?${new URLSearchParams(query)}`);
  const own = () => ({ iss: provider.issuer, sid: 'session-1' });

  it('[X12] a logout in a frame: 200, framable, not stored', async () => {
    const app = appOf('bound');
    const answer = await get(app, own());
    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(answer.headers.get('x-frame-options')).toBeNull();
    expect(answer.headers.get('content-security-policy')).toBeNull();
    expect(app.events).toEqual([{ client: 'corp', ...own() }]);
  });

  it.each(['undefined', 'null', 'no sid', 'undefined sid', 'empty sid', 'sid of another type'])(
    'ends no session when this browser has none to compare with: %s (Front-Channel Logout §2)',
    async (name) => {
      const app = appOf(name);
      for (const query of [
        own(),
        {},
        { iss: provider.issuer, sid: '' },
        { iss: provider.issuer, sid: 'undefined' },
      ]) {
        expect((await get(app, query as Record<string, string>)).status).toBe(400);
      }
      expect(app.events).toEqual([]);
    },
  );

  it.each(['no argument', 'text'])(
    'refuses a call that does not say which session this browser has: %s',
    async (name) => {
      const app = appOf(name);
      const answer = await get(app, own());
      expect(await answer.json()).toMatchObject({ code: 'invalid_options' });
      expect(answer.status).toBe(500);
      expect(app.events).toEqual([]);
    },
  );

  it('[X12] ends this session only (§2)', async () => {
    const { issuer: iss } = provider;
    for (const name of ['bound', 'optional']) {
      expect((await get(appOf(name), { iss, sid: 'session-2' })).status).toBe(400);
      expect(appOf(name).events).toEqual([]);
    }
  });

  it('refuses a request without iss and sid unless the option allows it (§2)', async () => {
    expect((await get(appOf('bound'), {})).status).toBe(400);
    expect(appOf('bound').events).toEqual([]);
    expect((await get(appOf('optional'), {})).status).toBe(200);
    expect(appOf('optional').events).toEqual([{ client: 'corp', ...own() }]);
  });

  it.each([
    'iss=https%3A%2F%2Fevil.example&sid=session-1',
    'sid=session-1',
    'iss=ISSUER',
    'iss=ISSUER&sid=',
    'iss=&sid=',
    'iss=ISSUER&iss=ISSUER&sid=session-1',
    'iss=ISSUER&sid=session-1&sid=session-1',
  ])('[X12] refuses %s (§2)', async (query) => {
    for (const name of ['bound', 'optional']) {
      const app = appOf(name);
      const full = query.replaceAll('ISSUER', encodeURIComponent(provider.issuer));
      expect((await get(app, full)).status).toBe(400);
      expect(app.events).toEqual([]);
    }
  });

  it('[X12] refuses a POST', async () => {
    const app = appOf('bound');
    const answer = await fetch(`${app.url}/frontchannel`, { method: 'POST', body: '' });
    expect(answer.status).toBe(400);
  });

  it('says in the event and in the log why a logout was refused, and quotes nothing', async () => {
    const warned = vi.spyOn(console, 'warn').mockImplementation(() => undefined);
    const failed: PhaseEvent[] = [];
    const listen = (seen: unknown): void => void failed.push(structuredClone(seen as PhaseEvent));
    subscribe('tracing:oauth-registry:logout:error', listen);
    await get(appOf('bound'), {});
    await get(appOf('bound'), { iss: provider.issuer, sid: 'canary-session' });
    await fetch(`${appOf('bound').url}/backchannel`, {
      method: 'POST',
      body: new URLSearchParams({ logout_token: 'canary-token' }),
    });
    unsubscribe('tracing:oauth-registry:logout:error', listen);
    const lines = warned.mock.calls.map(([line]) => String(line));
    warned.mockRestore();
    expect(failed.map(({ client, error }) => [client, error?.code])).toEqual([
      ['corp', 'invalid_callback'],
      ['corp', 'invalid_callback'],
      ['corp', 'invalid_logout_token'],
    ]);
    expect(failed[0]?.error?.message).toContain('"frontchannelLogoutSessionRequired"');
    expect(lines).toHaveLength(3);
    expect(lines[0]).toContain('client "corp"');
    expect(lines[0]).toContain('"frontchannelLogoutSessionRequired"');
    expect(lines.join(' ')).not.toContain('canary');
  });
});
