import { OAuth, type OAuth2Token, type Token } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { plainClient } from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { echo, login, rejection } from '../../../support/login.js';

let provider: FakeProvider;
let token: OAuth2Token;

const hook = vi.fn<(name: string, request?: unknown) => Token | undefined>();
const ownHook = vi.fn<(name: string, request?: unknown) => Token | undefined>();

function makeRegistry() {
  return new OAuth({ config: {}, fetchToken: hook })
    .register('two', plainClient(provider))
    .register('inBody', plainClient(provider, { tokenPlacement: 'body' }))
    .register('inUri', plainClient(provider, { tokenPlacement: 'uri' }))
    .register('own', plainClient(provider, { fetchToken: ownHook }));
}

let oauth: ReturnType<typeof makeRegistry>;

beforeAll(async () => {
  provider = await startProvider({ openid: false });
  oauth = makeRegistry();
  token = await login(oauth.two);
});
afterAll(() => provider.close());
afterEach(() => {
  provider.reset();
  vi.resetAllMocks();
});

describe('tokenPlacement (RFC 6750 §2)', () => {
  it('[A12] uri: in the query, and not to be cached', async () => {
    const seen = await echo(oauth.inUri.get('user?a=1', { token }));
    expect(seen.placement).toBe('uri');
    expect(seen.headers['cache-control']).toBe('no-store');
    expect(seen.headers).not.toHaveProperty('authorization');
  });

  it.each(['post', 'put', 'patch', 'delete'] as const)(
    '[A12] body: in the form of %s',
    async (verb) => {
      for (const form of [undefined, { a: 1 }]) {
        const seen = await echo(oauth.inBody[verb]('user', { token, form }));
        expect(seen.placement).toBe('body');
        expect(new URLSearchParams(seen.body).get('a')).toBe(form ? '1' : null);
        expect(seen.headers).not.toHaveProperty('authorization');
      }
    },
  );

  it('[A12] body: not with GET, HEAD or another kind of body (§2.2)', async () => {
    for (const refuse of [
      () => oauth.inBody.get('user', { token }),
      () => oauth.inBody.head('user', { token }),
      () => oauth.inBody.post('user', { token, json: {} }),
      () => oauth.inBody.post('user', { token, body: 'a=1' }),
    ]) {
      expect(await rejection(refuse())).toMatchObject({ code: 'invalid_options' });
    }
    expect(provider.requests).toEqual([]);
  });
});

describe('the token of a resource call', () => {
  it('[A13] comes from the client’s own hook before the registry’s', async () => {
    ownHook.mockReturnValueOnce(token);
    await echo(oauth.own.get('user', { request: 'r' }));
    expect(ownHook.mock.calls).toEqual([['own', 'r']]);
    expect(hook).not.toHaveBeenCalled();
  });

  it('[A13] comes from no hook if it is given', async () => {
    await echo(oauth.own.get('user', { token }));
    expect(ownHook).not.toHaveBeenCalled();
  });

  it('[A12] is not sent once it has expired', async () => {
    const seconds = Math.floor(Date.now() / 1000);
    const expired = { ...token, expires_at: seconds - 1 };
    expect(await rejection(oauth.two.get('user', { token: expired }))).toMatchObject({
      code: 'token_expired',
      client: 'two',
    });
    expect(provider.requests).toEqual([]);
    await echo(oauth.two.get('user', { token: { ...token, expires_at: seconds + 5 } }));
  });

  it('[A12] is a bearer token, in any case, or none this client can send (RFC 6749 §7.1)', async () => {
    await echo(oauth.two.get('user', { token: { ...token, token_type: 'bEARER' } }));
    const given = { ...token, token_type: 'mac' };
    expect(await rejection(oauth.two.get('user', { token: given }))).toMatchObject({
      code: 'unsupported_token_type',
    });
  });

  it('[A12] with a line break in it is refused, unsaid', async () => {
    const given = { ...token, access_token: 'SECRET\r\nx-injected: 1' };
    const error = await rejection(oauth.two.get('user', { token: given }));
    expect(error.code).toBe('invalid_token');
    expect(error.message).not.toContain('SECRET');
  });
});
