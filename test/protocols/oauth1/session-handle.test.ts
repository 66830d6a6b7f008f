import type { OAuth1Token, Token } from '@oauth-registry/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { echo, login, rejection } from '../../support/login.js';
import { form, type ProviderResponse } from '../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

const seconds = (): number => Math.floor(Date.now() / 1000);

const handle = 'handle/+ &=';

/** A token that its provider knows, and that is renewed by its handle. */
function issue(changes: Partial<OAuth1Token> = {}): OAuth1Token {
  const token = { oauth_token: 'old', oauth_token_secret: 'old secret', org: 'demo' };
  provider.tokenCredentials.set(token.oauth_token, { secret: 'old secret', callback: '' });
  return { ...token, oauth_session_handle: handle, ...changes };
}

/** Renews tokens: checks the handle, and gives a fresh token each time. */
function renewing(more: Record<string, string> = {}): void {
  let count = 0;
  provider.on('oauth1_access', (request): ProviderResponse => {
    if (param(request, 'oauth_session_handle') !== handle) return { status: 400 };
    count += 1;
    const fresh = { oauth_token: `fresh-${count}`, oauth_token_secret: `secret-${count}` };
    provider.tokenCredentials.set(fresh.oauth_token, {
      secret: fresh.oauth_token_secret,
      callback: '',
    });
    return form({ ...fresh, ...more });
  });
}

describe('a token’s lifetime', () => {
  it('[A5] becomes expires_at, in seconds since the epoch', async () => {
    provider.quirks.oauth1Access = (fields) =>
      form({ ...fields, oauth_expires_in: '1800', oauth_session_handle: 'h' });
    const token = await login(oauth1Client(provider));
    expect(token).toMatchObject({ oauth_expires_in: '1800', oauth_session_handle: 'h' });
    expect(Math.abs(Number(token.expires_at) - seconds() - 1800)).toBeLessThanOrEqual(5);
  });

  it.each(['0', '', 'soon', '1e3'])('is left open by "%s"', async (lifetime) => {
    provider.quirks.oauth1Access = (fields) => form({ ...fields, oauth_expires_in: lifetime });
    expect(await login(oauth1Client(provider))).not.toHaveProperty('expires_at');
  });
});

describe('refreshToken() with a session handle (OAuth Session 1.0)', () => {
  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A5] trades token and handle for a fresh token, signed with the old one, with %s',
    async (signatureType) => {
      renewing({ oauth_expires_in: '1800' });
      const judged = judge(provider);
      const client = oauth1Client(provider, { signatureType });
      const old = issue({ oauth_expires_in: '1', expires_at: 1 });
      const fresh = await client.refreshToken(old);
      expect(fresh).toMatchObject({
        oauth_token: 'fresh-1',
        oauth_token_secret: 'secret-1',
        oauth_session_handle: handle,
        org: 'demo',
      });
      expect(Number(fresh.expires_at)).toBeGreaterThan(seconds() + 1700);
      const [request] = judged;
      expect(request && param(request, 'oauth_token')).toBe('old');
      expect(request && param(request, 'oauth_verifier')).toBeUndefined();
      const where = { HEADER: request?.headers['authorization'], QUERY: request?.search }; // prettier-ignore
      const place = { ...where, BODY: request?.body }[signatureType];
      expect(place).toContain(`oauth_session_handle=`);
    },
  );

  it('[A5] stores a new handle, and drops the old expiry', async () => {
    renewing({ oauth_session_handle: 'next' });
    const fresh = await oauth1Client(provider).refreshToken(issue({ expires_at: 1 }));
    expect(fresh.oauth_session_handle).toBe('next');
    expect(fresh).not.toHaveProperty('expires_at');
  });

  it('[A5] has a URL and parameters of its own if the provider wants it', async () => {
    renewing();
    const client = oauth1Client(provider, {
      accessTokenUrl: 'https://provider.example/access',
      accessTokenParams: { mode: 'login' },
      refreshTokenUrl: provider.oauth1.access,
      refreshTokenParams: { mode: 'renew' },
    });
    await client.refreshToken(issue());
    expect(provider.last('oauth1_access').params.getAll('mode')).toEqual(['renew']);
  });

  it.each([undefined, '', 7])('[A5] needs a handle, not %s', async (value) => {
    const token = { ...issue(), oauth_session_handle: value } as OAuth1Token;
    const error = await rejection(oauth1Client(provider).refreshToken(token));
    expect(error).toMatchObject({ code: 'missing_token', client: 'club', phase: 'refresh' });
    const none = await rejection(oauth1Client(provider).refreshToken(undefined as never));
    expect(none).toMatchObject({ code: 'missing_token', client: 'club', phase: 'refresh' });
    expect(provider.count()).toBe(0);
  });

  it.each(['token_rejected', 'token_revoked', 'token_expired'])(
    '[A5] says that only a login helps after %s',
    async (problem) => {
      provider.on('oauth1_access', () => form({ oauth_problem: problem }, 401));
      const error = await rejection(oauth1Client(provider).refreshToken(issue()));
      expect(error).toMatchObject({ code: 'invalid_grant', error: problem, providerStatus: 401 });
      for (const secret of ['old secret', handle]) expect(error.message).not.toContain(secret);
    },
  );

  it('[A5] reports other error responses as every token request does', async () => {
    provider.on('oauth1_access', () => form({ oauth_problem: 'signature_invalid' }, 401));
    const error = await rejection(oauth1Client(provider).refreshToken(issue()));
    expect(error).toMatchObject({ code: 'provider_refused', error: 'signature_invalid' });
  });
});

describe('a call with a token whose time has come', () => {
  it('[A15] renews it once for all callers, and stores it before it is used', async () => {
    renewing({ oauth_expires_in: '1800' });
    const stored: Token[] = [];
    const client = oauth1Client(provider, {
      updateToken: (_name, token) => void stored.push(token),
    });
    const token = issue({ oauth_expires_in: '1800', expires_at: seconds() - 1 });
    const calls = [1, 2, 3].map(() => echo(client.get('me', { token })));
    await Promise.all(calls);
    expect(provider.count('oauth1_access')).toBe(1);
    expect(stored).toMatchObject([{ oauth_token: 'fresh-1' }]);
    expect(param(provider.last('oauth1_api'), 'oauth_token')).toBe('fresh-1');
  });
});
