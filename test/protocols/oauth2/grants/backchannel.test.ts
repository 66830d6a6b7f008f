import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import type { ProviderResponse, FakeProvider } from '../../../support/provider/index.js';
import { rejection } from '../../../support/login.js';
import { it } from '../../../support/fixtures.js';
import { skipPauses } from '../../../support/pauses.js';

const refusal = (error: string): ProviderResponse => ({ status: 400, body: { error } });
const success: ProviderResponse = {
  body: { access_token: 'at', token_type: 'Bearer', expires_in: 60 },
};

/** A client, and a token endpoint that gives one answer after the other. */
function client(
  provider: FakeProvider,
  answers: ProviderResponse[],
  more: RegisterOptions = {},
  expires_in = 600,
) {
  provider.on('api', () => ({
    body: { auth_req_id: 'canary-request', expires_in, interval: 1 },
  }));
  provider.on('token', () => answers.shift());
  const backchannelAuthenticationEndpoint = `${provider.base}/api/ciba`;
  const options = openidClient(provider, {
    backchannelAuthenticationEndpoint,
    idToken: 'ignore',
    ...more,
  });
  return new OAuth({ config: {} }).register('bank', options).bank;
}

describe('backchannelToken() (CIBA Core §10.1, §11)', () => {
  it('[X12] polls until the user has agreed', async ({ provider }) => {
    const pauses = skipPauses();
    const bank = client(provider, [refusal('authorization_pending'), success]);
    const token = await bank.grants.backchannelToken({
      login_hint: 'ada',
      binding_message: 'W4SCT',
    });
    expect(token).toMatchObject({ access_token: 'at' });
    const { form } = provider.last('api');
    expect([form.get('login_hint'), form.get('binding_message')]).toEqual(['ada', 'W4SCT']);
    expect(form.get('scope')?.split(' ')).toContain('openid');
    expect(pauses).toEqual([1, 1]);
    expect(provider.count('token')).toBe(2);
    expect(provider.last('token').form.get('auth_req_id')).toBe('canary-request');
  });

  it.for(['access_denied', 'expired_token', 'transaction_failed', 'invalid_grant'])(
    '[X12] ends with %s',
    async (code, { provider }) => {
      skipPauses();
      const waiting = client(provider, [refusal(code), success]).grants.backchannelToken({
        login_hint: 'ada',
      });
      const error = await rejection(waiting);
      expect(error).toMatchObject({ code, client: 'bank', phase: 'exchange' });
      expect(error.message).not.toContain('canary');
      expect(provider.count('token')).toBe(1);
    },
  );

  it('[X12] goes on after a poll that finds the provider unavailable, but less often', async ({
    provider,
  }) => {
    const pauses = skipPauses();
    const bank = client(provider, [{ status: 503, body: 'Down.' }, success]);
    expect(await bank.grants.backchannelToken({ login_hint: 'ada' })).toHaveProperty(
      'access_token',
    );
    expect(pauses).toEqual([1, 2]);
    expect(provider.count('token')).toBe(2);
  });

  it('[X12] ends when the request has ended', async ({ provider }) => {
    skipPauses();
    const bank = client(provider, [refusal('authorization_pending')], {}, 1);
    expect(await rejection(bank.grants.backchannelToken({ login_hint: 'ada' }))).toMatchObject({
      code: 'expired_token',
    });
  });

  it('[X12] stops if a signal says so', async ({ provider }) => {
    const stop = new AbortController();
    const bank = client(provider, [success]);
    const waiting = bank.grants.backchannelToken({ login_hint: 'ada' }, { signal: stop.signal });
    setTimeout(() => stop.abort(new Error('Enough.')), 100);
    expect((await rejection(waiting)).message).toBe('Enough.');
    expect(provider.count('token')).toBe(0);
  });
});
