import { describe, expect, it } from 'vitest';
import { checkHolder, findHolder } from './closed-session.js';

const advice = 'Call get() before the response.';
const held = { handle: 'rt"1', client: 'corp' };

describe('the closed session that contains a refresh token', () => {
  it('is found, and saved with a timeout', async () => {
    const requests: unknown[] = [];
    let saves = 0;
    const find = (request: unknown) => {
      requests.push(request);
      return { data: { a: [{ token: 'rt"1' }] }, advice, save: async () => void saves++ };
    };
    const holder = await findHolder(find, held, 'request');
    expect(requests).toEqual(['request']);
    await holder?.save?.();
    expect(saves).toBe(1);
    const slow = { data: 'rt"1', advice, save: () => new Promise<void>(() => {}) };
    const waiting = await findHolder(() => slow, { ...held, timeout: 1 }, undefined);
    await expect(waiting?.save?.()).rejects.toMatchObject({ code: 'storage_failed' });
  });

  it('prevents a refresh if it cannot be written', async () => {
    const find = () => ({ data: { token: 'rt"1' }, advice });
    await expect(findHolder(find, held, undefined)).rejects.toMatchObject({
      code: 'storage_failed',
      client: 'corp',
      phase: 'refresh',
      message: expect.stringContaining(advice) as string,
    });
  });

  it.each([
    ['no session', undefined],
    ['another token', { data: { token: 'rt-2' }, advice }],
    ['no data', { data: undefined, advice }],
    ['data that is not JSON', { data: { token: 'rt"1', big: 1n }, advice }],
  ])('is none with %s', async (_, closed) => {
    expect(await findHolder(() => closed, held, undefined)).toBeUndefined();
  });

  it('is none if the framework knows none', async () => {
    expect(await findHolder(undefined, held, undefined)).toBeUndefined();
  });
});

describe('refreshToken() with a token that is in a closed session', () => {
  const renewal = { handle: (token: { refresh_token?: string }) => token.refresh_token };
  const check = async (token: unknown, app: object = { name: 'corp', renewal }) => {
    const requests: unknown[] = [];
    const closedSession = (request: unknown) => {
      requests.push(request);
      return { data: { token: 'rt' }, advice };
    };
    const config = { app, currentRequest: () => 'request', closedSession };
    await checkHolder(config as never, token);
    return requests;
  };

  it('is rejected', async () => {
    await expect(check({ refresh_token: 'rt' })).rejects.toMatchObject({ client: 'corp' });
    expect(await check({ refresh_token: 'other' })).toEqual(['request']);
  });

  it('is not looked for without a refresh token', async () => {
    for (const token of [undefined, null, 'rt', {}]) expect(await check(token)).toEqual([]);
    expect(await check({ refresh_token: 'rt' }, { name: 'corp' })).toEqual([]);
  });
});
