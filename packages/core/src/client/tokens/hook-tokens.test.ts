import { describe, expect, it } from 'vitest';
import { fakeClock } from '../../../../../test/support/clock.js';
import {
  bareToken,
  tokenOf,
  tokensConfig,
  type TokensSetUp,
} from '../../../../../test/support/tokens-config.js';
import type { OAuthErrorCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import type { Token } from '../../model/types.js';
import { HookedTokens } from './hook-tokens.js';
import { Survivable } from './refresh-outcome.js';

const { pass } = fakeClock();

const old = tokenOf('old');
const source = { request: 'request' };
const setUp = (given: TokensSetUp = {}) => {
  const all = tokensConfig(given);
  return { ...all, tokens: new HookedTokens(all.config) };
};
const failing =
  (code: OAuthErrorCode, details: ConstructorParameters<typeof OAuthError>[2] = {}) =>
  () =>
    Promise.reject(new OAuthError(code, 'It failed.', details));
const survivable = (code: string) =>
  expect.objectContaining({ error: expect.objectContaining({ code }) as unknown });

it('refreshes only tokens with a refresh token, if the application stores them', () => {
  expect(setUp().tokens.canRefresh(old)).toBe(true);
  expect(setUp().tokens.canRefresh(bareToken('old'))).toBe(false);
  const { config, tokens } = setUp({ registry: { updateToken: undefined } });
  expect(tokens.canRefresh(old)).toBe(false);
  config.events.on('token:update', () => {});
  expect(tokens.canRefresh(old)).toBe(true);
});

describe('a refresh', () => {
  it('is one for all callers, and stored before they get the token', async () => {
    const { tokens, sent, updates, config } = setUp();
    const events: unknown[] = [];
    config.events.on('token:update', (event) => void events.push(event));
    const all = await Promise.all([1, 2, 3].map(() => tokens.renew(old, source)));
    expect(all).toEqual([1, 2, 3].map(() => tokenOf('new')));
    expect(sent).toEqual(['rt-old']);
    const was = { refreshToken: 'rt-old', accessToken: 'at-old' };
    expect(updates).toEqual([['corp', tokenOf('new'), was, 'request']]);
    expect(events).toEqual([{ client: 'corp', token: tokenOf('new'), ...was, request: 'request' }]);
  });

  it('is not repeated for a caller with the old token, within the reuse window', async () => {
    const { tokens, sent } = setUp();
    await tokens.renew(old, source);
    pass(29);
    expect(await tokens.renew(old, source)).toEqual(tokenOf('new', 3571));
    expect(sent).toHaveLength(1);
    pass(2);
    await tokens.renew(old, source);
    expect(sent).toHaveLength(2);
  });

  it('continues with the newest token of the caller’s', async () => {
    let count = 0;
    const { tokens, sent } = setUp({
      refresh: async () => tokenOf(`${++count}`, count > 2 ? 3600 : 10),
    });
    await tokens.renew(old, source);
    expect((await tokens.renew(old, source))['access_token']).toBe('at-2');
    expect((await tokens.renew(old, source))['access_token']).toBe('at-3');
    expect((await tokens.renew(old, source))['access_token']).toBe('at-3');
    expect(sent).toEqual(['rt-old', 'rt-1', 'rt-2']);
  });

  it('with an unchanged access token is sent again', async () => {
    const { tokens, sent } = setUp({ refresh: async () => ({ ...old }) });
    await tokens.renew(old, source);
    await tokens.renew(old, source);
    expect(sent).toHaveLength(2);
  });

  it('ends with a token without a refresh token', async () => {
    const last = bareToken('last', 0);
    const { tokens, sent } = setUp({ refresh: async () => last });
    await tokens.renew(old, source);
    expect(await tokens.renew(old, source)).toEqual(last);
    expect(await tokens.renew(last, source)).toBe(last);
    expect(sent).toHaveLength(1);
  });

  it('stops after five tokens', async () => {
    let count = 0;
    const { tokens, sent } = setUp({ refresh: async () => tokenOf(`${++count}`, 10) });
    for (let i = 0; i < 8; i++) await tokens.renew(old, source);
    expect(sent).toHaveLength(5);
  });
});

describe('a new token that could not be stored', () => {
  it('is stored by the next call, without another request', async () => {
    let works = false;
    const updateToken = async (): Promise<void> => {
      if (!works) throw new Error('down');
    };
    const { tokens, sent } = setUp({ registry: { updateToken } });
    await expect(tokens.renew(old, source)).rejects.toThrow('down');
    works = true;
    expect(await tokens.renew(old, source)).toEqual(tokenOf('new'));
    expect(sent).toHaveLength(1);
  });

  it('is not forgotten while the session cannot be saved', async () => {
    let works = false;
    const closedSession = () => ({
      data: 'rt-old',
      advice: '',
      save: async () => {
        if (!works) throw new Error('down');
      },
    });
    const { tokens, sent } = setUp({ more: { closedSession } });
    await expect(tokens.renew(old, source)).rejects.toMatchObject({ code: 'storage_failed' });
    works = true;
    expect(await tokens.renew(old, source)).toEqual(tokenOf('new'));
    expect(sent).toHaveLength(1);
  });

  it('is not requested at all if it would be lost', async () => {
    const closedSession = () => ({ data: 'rt-old', advice: '' });
    const { tokens, sent } = setUp({ more: { closedSession } });
    await expect(tokens.renew(old, source)).rejects.toEqual(survivable('storage_failed'));
    expect(sent).toEqual([]);
    const bug = () => {
      throw new TypeError('bug');
    };
    const broken = setUp({ more: { closedSession: bug } });
    await expect(broken.tokens.renew(old, source)).rejects.toThrow(TypeError);
  });
});

describe('a failed refresh', () => {
  it('is repeated at the next call, unless the provider asked to wait', async () => {
    const { tokens, sent, ended } = setUp({ refresh: failing('timeout') });
    for (let i = 0; i < 2; i++)
      await expect(tokens.renew(old, source)).rejects.toEqual(survivable('timeout'));
    expect(sent).toHaveLength(2);
    expect(ended).toEqual([]);
    const details = { providerStatus: 429, retryAfter: 60 };
    const late = setUp({ refresh: failing('provider_unavailable', details) });
    await expect(late.tokens.renew(old, source)).rejects.toBeInstanceOf(Survivable);
    pass(10);
    await expect(late.tokens.renew(old, source)).rejects.toMatchObject({
      error: { retryAfter: 50 },
    });
    pass(49);
    await expect(late.tokens.renew(old, source)).rejects.toMatchObject({
      error: { code: 'provider_unavailable', retryAfter: 1 },
    });
    expect(late.sent).toHaveLength(1);
    pass(2);
    await expect(late.tokens.renew(old, source)).rejects.toBeInstanceOf(Survivable);
    expect(late.sent).toHaveLength(2);
  });

  it('is that of the application, if its hook failed', async () => {
    const { tokens, ended } = setUp({ refresh: () => Promise.reject(new TypeError('bug')) });
    await expect(tokens.renew(old, source)).rejects.toThrow(TypeError);
    expect(ended).toEqual([]);
  });
});

describe('an authorization that has ended', () => {
  const refused = failing('invalid_grant', { providerStatus: 400, error: 'invalid_grant' });

  it('is reported once, and asked for no more', async () => {
    const { tokens, sent, ended, config } = setUp({ refresh: refused });
    const events: unknown[] = [];
    config.events.on('grant:revoked', (event) => void events.push(event));
    for (let i = 0; i < 3; i++)
      await expect(tokens.renew(old, source)).rejects.toMatchObject({
        code: 'invalid_token',
        error: 'invalid_grant',
      });
    expect(sent).toHaveLength(1);
    expect(ended).toEqual([{ token: old, reason: 'refused' }]);
    expect(events).toEqual([{ client: 'corp', token: old, reason: 'refused', request: 'request' }]);
    pass(31);
    await expect(tokens.renew(old, source)).rejects.toMatchObject({ code: 'invalid_token' });
    expect([sent.length, ended.length]).toEqual([2, 1]);
  });

  it('is lost if an earlier request had no response', async () => {
    const errors = [failing('timeout'), refused];
    const { tokens, ended } = setUp({ refresh: async () => await (errors.shift() ?? refused)() });
    await expect(tokens.renew(old, source)).rejects.toBeInstanceOf(Survivable);
    await expect(tokens.renew(old, source)).rejects.toThrow('interrupted');
    expect(ended).toMatchObject([{ reason: 'lost' }]);
  });

  it('is refused if a request had a response since', async () => {
    const results: (() => Promise<Token>)[] = [
      failing('timeout'),
      async () => ({ ...old }),
      refused,
    ];
    const { tokens, ended } = setUp({ refresh: async () => await (results.shift() ?? refused)() });
    await expect(tokens.renew(old, source)).rejects.toBeInstanceOf(Survivable);
    await tokens.renew(old, source);
    await expect(tokens.renew(old, source)).rejects.toMatchObject({ code: 'invalid_token' });
    expect(ended).toMatchObject([{ reason: 'refused' }]);
  });

  it('is a mismatch if the result was for another user', async () => {
    const { tokens, ended } = setUp({
      refresh: failing('mismatching_account', { phase: 'refresh' }),
    });
    await expect(tokens.renew(old, source)).rejects.toThrow('another user');
    expect(ended).toMatchObject([{ reason: 'mismatch' }]);
  });

  it('has not ended if another process has refreshed it', async () => {
    const { tokens, ended, sent } = setUp({ refresh: refused });
    const again = async () => tokenOf('elsewhere');
    expect(await tokens.renew(old, { ...source, again })).toEqual(tokenOf('elsewhere'));
    expect(await tokens.renew(old, source)).toEqual(tokenOf('elsewhere'));
    expect([sent.length, ended.length]).toEqual([1, 0]);
    const same = setUp({ refresh: refused });
    await expect(
      same.tokens.renew(old, { ...source, again: async () => ({ ...old }) }),
    ).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('without a refresh token is reported once, unless there is a newer token', async () => {
    const { tokens, ended } = setUp();
    await tokens.end(old, { ...source, again: async () => tokenOf('elsewhere') });
    expect(ended).toEqual([]);
    await tokens.end(old, { ...source, again: async () => old });
    expect(ended).toEqual([{ token: old, reason: 'refused' }]);
    const again = () => Promise.reject(new Error('It was asked again.'));
    await tokens.end(old, { ...source, again });
    expect(ended).toHaveLength(1);
    const given = setUp();
    await given.tokens.end(old, source);
    expect(given.ended).toHaveLength(1);
  });
});
