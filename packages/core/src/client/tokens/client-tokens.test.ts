import { beforeEach, describe, expect, it } from 'vitest';
import { fakeClock } from '../../../../../test/support/clock.js';
import {
  bareToken,
  tokenOf,
  tokensConfig,
  type TokensSetUp,
} from '../../../../../test/support/tokens-config.js';
import { OAuthError } from '../../model/errors.js';
import type { Engine, Token, TokenOptions, TokenVerdict } from '../../model/types.js';
import { memoryStore } from '../../stores/memory.js';
import { ClientTokens } from './client-tokens.js';

const { pass } = fakeClock();

type Verdicts = Record<string, TokenVerdict>;

/** A client whose API rejects tokens, by their access token. */
function setUp(given: TokensSetUp & { engine?: Partial<Engine>; verdicts?: Verdicts } = {}) {
  const { verdicts = {}, engine = {} } = given;
  const all = tokensConfig(given);
  const { of } = all.config.app as unknown as { of: () => Promise<{ engine: Engine }> };
  Object.assign(all.config.app, {
    of: async () => ({ engine: { ...(await of()).engine, ...engine } }),
  });
  const tokens = new ClientTokens(all.config);
  const requests: string[] = [];
  const discarded: unknown[] = [];
  const call = async (
    options: TokenOptions<Token> = {},
    repetition = { isRepeatable: true, isSafe: true },
  ): Promise<string> => {
    const send = async (token: Token) => {
      const name = String(token['access_token']);
      requests.push(name);
      const cancel = (): void => void discarded.push(name);
      const value = new Response(new ReadableStream({ cancel }), { headers: { name } });
      return { value, verdict: verdicts[name] };
    };
    return (await tokens.send(options, send, repetition)).headers.get('name') ?? '';
  };
  return { ...all, tokens, call, requests, discarded };
}

const failing = (code: 'provider_unavailable' | 'invalid_grant' | 'timeout') => () =>
  Promise.reject(new OAuthError(code, 'It failed.', { providerStatus: 400 }));

describe('the token of a call', () => {
  it('is the given one, that of the hook of the client, or that of the registry', async () => {
    const fetchToken = async (...asked: unknown[]) => {
      expect(asked).toEqual(['corp', 'request']);
      return tokenOf('registry');
    };
    const registry = { fetchToken };
    const one = setUp({ registry });
    expect(await one.call({ token: tokenOf('given') })).toBe('at-given');
    expect(await one.call({ request: 'request' })).toBe('at-registry');
    const options = { fetchToken: async () => tokenOf('client') };
    const more = { options, currentRequest: () => 'request' };
    expect(await setUp({ registry, more }).call()).toBe('at-client');
    const current = { currentRequest: () => 'request' };
    expect(await setUp({ registry, more: current }).call()).toBe('at-registry');
  });

  it('is missing without a hook, or if it returns none', async () => {
    await expect(setUp().call()).rejects.toMatchObject({
      code: 'missing_token',
      message: expect.stringContaining('or give the registry a "fetchToken" hook') as string,
    });
    const none = setUp({ registry: { fetchToken: async () => null as never } });
    await expect(none.call()).rejects.toThrow('the "fetchToken" hook returned none');
  });

  it('of a user needs a store, and a user', async () => {
    await expect(setUp().call({ userId: 'ada' })).rejects.toMatchObject({
      code: 'invalid_options',
    });
    const { call, tokens } = setUp({ registry: { tokenStore: memoryStore() } });
    await tokens.save(tokenOf('stored'), { userId: 'ada' });
    await tokens.save(tokenOf('other'), { userId: 'ada', account: 'x' });
    expect(await call({ userId: 'ada' })).toBe('at-stored');
    expect(await call({ userId: 'ada', account: 'x' })).toBe('at-other');
    expect(await tokens.list({ userId: 'ada' })).toHaveLength(2);
    await expect(call({ userId: 'eve' })).rejects.toThrow('was it saved with an "account"?');
    await expect(call({ userId: 'eve', account: 'x' })).rejects.toThrow('and this account');
    for (const userId of [undefined, '', 7, 'a\n', '\ud800'])
      await expect(call({ userId } as never)).rejects.toMatchObject({ code: 'invalid_options' });
    await expect(call({ userId: 'ada', account: 'a\n' })).rejects.toMatchObject({
      code: 'invalid_options',
    });
    await tokens.delete({ userId: 'ada' });
    await expect(call({ userId: 'ada' })).rejects.toMatchObject({ code: 'missing_token' });
  });

  it('is refreshed if it is due', async () => {
    const { call, sent } = setUp();
    expect(await call({ token: tokenOf('old', 31) })).toBe('at-old');
    expect(await call({ token: tokenOf('old', 30) })).toBe('at-new');
    expect(sent).toEqual(['rt-old']);
    expect(await setUp().call({ token: bareToken('bare', 0) })).toBe('at-bare');
  });

  it('is used if its refresh fails while it is valid, unless the new one may be lost', async () => {
    const { call } = setUp({ refresh: failing('timeout') });
    expect(await call({ token: tokenOf('old', 10) })).toBe('at-old');
    await expect(call({ token: tokenOf('old', 0) })).rejects.toMatchObject({ code: 'timeout' });
    const updateToken = () => Promise.reject(new Error('down'));
    const lost = setUp({ registry: { updateToken } });
    await expect(lost.call({ token: tokenOf('old', 10) })).rejects.toThrow('down');
  });
});

describe('a call whose token was rejected', () => {
  let token: Token;
  beforeEach(() => void (token = tokenOf('old')));

  it('is repeated once with a refreshed token', async () => {
    const { call, requests, discarded } = setUp({ verdicts: { 'at-old': 'refused' } });
    expect(await call({ token })).toBe('at-new');
    expect([requests, discarded]).toEqual([['at-old', 'at-new'], ['at-old']]);
  });

  it.each<[TokenVerdict, object, string[]]>([
    ['refused', { isSafe: false }, ['at-old', 'at-new']],
    ['refused', { isRepeatable: false }, ['at-old']],
    ['unclear', {}, ['at-old', 'at-new']],
    ['unclear', { isSafe: false }, ['at-old']],
    ['other', {}, ['at-old']],
    [undefined, {}, ['at-old']],
  ])('as %s with %j sends %j', async (verdict, more, expected) => {
    const { call, requests, discarded } = setUp({ verdicts: { 'at-old': verdict } });
    expect(await call({ token }, { isRepeatable: true, isSafe: true, ...more })).toBe(
      expected.at(-1),
    );
    expect(requests).toEqual(expected);
    expect(discarded).toHaveLength(expected.length - 1);
  });

  it('is repeated for any 401 if its expiry is not known', async () => {
    const { expires_at: _, ...endless } = token;
    const { call } = setUp({ verdicts: { 'at-old': 'other' } });
    expect(await call({ token: endless })).toBe('at-new');
  });

  it('is not repeated with a token that was refreshed for it', async () => {
    const { call, requests, sent } = setUp({ verdicts: { 'at-new': 'refused' } });
    expect(await call({ token: tokenOf('old', 0) })).toBe('at-new');
    expect([requests, sent]).toEqual([['at-new'], ['rt-old']]);
  });

  it('is not repeated for a minute if the refreshed token is rejected as well', async () => {
    const verdicts: Verdicts = { 'at-old': 'refused', 'at-new': 'refused' };
    const { call, sent } = setUp({ verdicts });
    expect(await call({ token })).toBe('at-new');
    expect(await call({ token: tokenOf('new') })).toBe('at-new');
    expect(sent).toEqual(['rt-old']);
    pass(60);
    await call({ token: tokenOf('new') });
    expect(sent).toEqual(['rt-old', 'rt-new']);
  });

  it('is repeated again if the refreshed token is rejected later', async () => {
    let count = 0;
    const verdicts: Verdicts = { 'at-old': 'refused' };
    const refresh = async () => tokenOf(`new-${++count}`);
    const { call } = setUp({ refresh, verdicts });
    expect(await call({ token })).toBe('at-new-1');
    verdicts['at-new-1'] = 'refused';
    expect(await call({ token: tokenOf('new-1') })).toBe('at-new-2');
  });

  it('is reported with the request of the hook that found it', async () => {
    const registry = { fetchToken: async () => tokenOf('old') };
    const { call, updates } = setUp({ registry, verdicts: { 'at-old': 'refused' } });
    await call({ request: 'request' });
    expect(updates).toMatchObject([['corp', {}, {}, 'request']]);
    let stored = tokenOf('old');
    const refresh = async () => {
      stored = tokenOf('elsewhere');
      return await failing('invalid_grant')();
    };
    const other = setUp({
      refresh,
      registry: { fetchToken: async () => stored },
      verdicts: { 'at-old': 'refused' },
    });
    expect(await other.call()).toBe('at-elsewhere');
    expect(other.ended).toEqual([]);
  });

  it('is not repeated with the same token', async () => {
    const refresh = async () => tokenOf('old');
    const { call, requests } = setUp({ refresh, verdicts: { 'at-old': 'refused' } });
    expect(await call({ token })).toBe('at-old');
    expect(requests).toEqual(['at-old']);
  });

  it('fails if the refresh fails, and discards the response', async () => {
    const { call, discarded } = setUp({
      refresh: failing('provider_unavailable'),
      verdicts: { 'at-old': 'refused' },
    });
    await expect(call({ token })).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(discarded).toEqual(['at-old']);
  });
});

describe('a rejected token that cannot be refreshed', () => {
  let token: Token;
  beforeEach(() => void (token = bareToken('old')));

  it('is replaced by that of a new login', async () => {
    const store = memoryStore();
    const one = setUp({ registry: { tokenStore: store }, verdicts: { 'at-old': 'refused' } });
    const two = setUp({ registry: { tokenStore: store } });
    await one.tokens.save(token, { userId: 'ada' });
    await one.call({ userId: 'ada' }, { isRepeatable: false, isSafe: true }).catch(() => undefined);
    await two.tokens.save(token, { userId: 'eve' });
    await one.tokens.save(token, { userId: 'ada' });
    await two.tokens.save(bareToken('login'), { userId: 'ada' });
    expect(await one.call({ userId: 'ada' })).toBe('at-login');
    expect(one.discarded).toEqual(['at-old']);
    await one.tokens.save(token, { userId: 'ada' });
    await two.tokens.save(bareToken('login'), { userId: 'ada' });
    expect(await one.call({ userId: 'ada' }, { isRepeatable: false, isSafe: true })).toBe('at-old');
  });

  it('ends its authorization if the provider says so', async () => {
    const { call, ended } = setUp({ verdicts: { 'at-old': 'refused' } });
    expect(await call({ token })).toBe('at-old');
    expect(ended).toEqual([{ token, reason: 'refused' }]);
    const other = setUp({ verdicts: { 'at-old': 'other' } });
    await other.call({ token });
    expect(other.ended).toEqual([]);
  });

  it('does not end it if it could be refreshed by hand', async () => {
    const { call, ended } = setUp({
      registry: { updateToken: undefined },
      verdicts: { 'at-old': 'refused' },
    });
    await call({ token: tokenOf('old') });
    expect(ended).toEqual([]);
  });

  it('is looked up at the provider if the reason is unclear, once in a minute', async () => {
    let asked = 0;
    let refused = false;
    const isRefused = async () => {
      asked++;
      return refused;
    };
    const { call, ended } = setUp({ engine: { isRefused }, verdicts: { 'at-old': 'unclear' } });
    for (let i = 0; i < 2; i++) await call({ token });
    expect([asked, ended.length]).toEqual([1, 0]);
    refused = true;
    pass(60);
    await call({ token });
    expect([asked, ended.length]).toEqual([2, 1]);
    const { expires_at: _, ...endless } = bareToken('endless');
    const other = setUp({ engine: { isRefused }, verdicts: { 'at-endless': 'other' } });
    await other.call({ token: endless });
    expect([asked, other.ended]).toEqual([2, []]);
    const unknown = setUp({ verdicts: { 'at-old': 'unclear' } });
    await unknown.call({ token });
    expect(unknown.ended).toEqual([]);
  });
});

describe('an operation', () => {
  const rejection = (providerStatus: number) =>
    new OAuthError('invalid_token', 'It is rejected.', { providerStatus });

  it('is repeated with a refreshed token if its error says that the token was rejected', async () => {
    const { tokens } = setUp();
    const use = async (token: Token) => {
      if (token['access_token'] === 'at-old') throw rejection(401);
      return token['access_token'];
    };
    expect(await tokens.use({ token: tokenOf('old') }, use)).toBe('at-new');
  });

  it('fails with its error', async () => {
    const { tokens, ended, sent } = setUp({ engine: { isRefused: async () => true } });
    const use = (error: Error) =>
      tokens.use({ token: bareToken('old') }, () => Promise.reject(error));
    const bug = new TypeError('bug');
    await expect(use(bug)).rejects.toBe(bug);
    const other = new OAuthError('timeout', 'It is late.');
    await expect(use(other)).rejects.toBe(other);
    expect(ended).toEqual([]);
    const { expires_at: _, ...endless } = bareToken('old');
    const unnamed = new OAuthError('provider_refused', 'It is refused.', { providerStatus: 401 });
    const named = tokens.use({ token: endless }, () => Promise.reject(unnamed));
    await expect(named).rejects.toBe(unnamed);
    expect(ended).toEqual([]);
    const rejected = rejection(401);
    await expect(use(rejected)).rejects.toBe(rejected);
    expect([ended.length, sent.length]).toEqual([1, 0]);
  });
});

describe('the token of the client itself', () => {
  const setUpOwn = (registry: TokensSetUp['registry'] = {}, verdicts: Verdicts = {}) => {
    const granted: unknown[] = [];
    const next = (old?: Token) => {
      granted.push(old?.['access_token']);
      return bareToken(`own-${granted.length}`);
    };
    let current: Token | undefined;
    const ownTokens = {
      current: async () => (current ??= next()),
      renewed: async (old: Token) => (current = next(old)),
    };
    const all = setUp({ registry, verdicts, engine: { ownTokens } as never });
    Object.assign(all.config.app, { ownTokens: {}, renewal: undefined });
    return { ...all, granted };
  };

  it('is requested, and replaced after any 401', async () => {
    for (const registry of [{}, { tokenStore: memoryStore() }]) {
      const { call, granted } = setUpOwn(registry, { 'at-own-1': 'other' });
      expect(await call()).toBe('at-own-2');
      expect(await call()).toBe('at-own-2');
      expect(granted).toEqual([undefined, 'at-own-1']);
    }
  });

  it('is one for all processes that share a store', async () => {
    const registry = { tokenStore: memoryStore() };
    const [one, two] = [setUpOwn(registry), setUpOwn(registry)];
    expect([await one.call(), await two.call()]).toEqual(['at-own-1', 'at-own-1']);
    const key = { userId: '', client: 'corp', account: '' };
    expect(await registry.tokenStore.get(key)).toBeDefined();
    expect([one.granted.length, two.granted.length]).toEqual([1, 0]);
  });

  it('that the application passes is replaced, and reported to it', async () => {
    const { call, updates, granted } = setUpOwn({}, { 'at-given': 'other' });
    expect(await call({ token: bareToken('given'), request: 'request' })).toBe('at-own-1');
    expect(granted).toEqual(['at-given']);
    const was = { accessToken: 'at-given' };
    expect(updates).toEqual([['corp', bareToken('own-1'), was, 'request']]);
  });
});
