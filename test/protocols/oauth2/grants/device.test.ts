import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { DeviceAuthorization } from '@oauth-registry/core/types';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient, plainClient } from '../../../support/apps/express.js';
import {
  startProvider,
  type ProviderResponse,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { rejection } from '../../../support/login.js';
import { skipPauses } from '../../../support/pauses.js';

let provider: FakeProvider;

const authorization = {
  device_code: 'secret-device-code',
  user_code: 'WDJB-MJHT',
  verification_uri: 'https://provider.example/device',
  verification_uri_complete: 'https://provider.example/device?user_code=WDJB-MJHT',
  expires_in: 1800,
  interval: 7,
};
const refusal = (error: string): ProviderResponse => ({ status: 400, body: { error } });
const success: ProviderResponse = {
  body: { access_token: 'at', token_type: 'Bearer', expires_in: 60 },
};

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

function client(more: RegisterOptions = {}, body: object = authorization) {
  provider.on('api', () => ({ body }));
  const deviceAuthorizationEndpoint = `${provider.base}/api/device`;
  const options = plainClient(provider, { deviceAuthorizationEndpoint, ...more });
  return new OAuth({ config: {} }).register('tv', options).tv;
}

/** Answers the token endpoint, one answer after the other. */
function answers(...list: ProviderResponse[]): void {
  provider.on('token', () => list.shift());
}

describe('the device flow, step by step (RFC 8628)', () => {
  it('[X12] begins with the codes to show (§3.1, §3.2)', async () => {
    const device = await client().grants.startDeviceAuthorization({ audience: 'x' });
    expect(device).toMatchObject({
      device_code: 'secret-device-code',
      user_code: 'WDJB-MJHT',
      verification_uri: 'https://provider.example/device',
      verification_uri_complete: 'https://provider.example/device?user_code=WDJB-MJHT',
      interval: 7,
    });
    expect(Math.abs(device.expires_at - Date.now() / 1000 - 1800)).toBeLessThan(10);
    const { form, headers } = provider.last('api');
    expect([form.get('scope'), form.get('audience')]).toEqual(['read', 'x']);
    expect(headers['authorization']).toMatch(/^Basic /);
  });

  it('[X12] polls once: pending, slower, done (§3.4, §3.5)', async () => {
    const tv = client();
    answers(refusal('authorization_pending'), refusal('slow_down'), success);
    const device = await tv.grants.startDeviceAuthorization();
    const first = await tv.grants.pollDeviceAuthorization(device);
    expect(first).toEqual({ pending: device });
    const { form } = provider.last('token');
    expect(form.get('grant_type')).toBe('urn:ietf:params:oauth:grant-type:device_code');
    expect(form.get('device_code')).toBe('secret-device-code');
    const stored = JSON.parse(JSON.stringify(first.pending)) as DeviceAuthorization;
    const second = await tv.grants.pollDeviceAuthorization(stored);
    expect(second.pending?.interval).toBe(12);
    expect((await tv.grants.pollDeviceAuthorization(device)).token).toMatchObject({
      access_token: 'at',
    });
  });

  it.each(['access_denied', 'expired_token', 'invalid_grant'])(
    '[X12] ends with %s (§3.5)',
    async (error) => {
      const tv = client();
      answers(refusal(error));
      const device = await tv.grants.startDeviceAuthorization();
      expect(await rejection(tv.grants.pollDeviceAuthorization(device))).toMatchObject({
        code: error,
      });
    },
  );

  it('[X12] polls for nothing but what the first step returned (§3.4)', async () => {
    const tv = client();
    for (const nothing of [undefined, {}, { device_code: '' }, 'secret-device-code']) {
      expect(await rejection(tv.grants.pollDeviceAuthorization(nothing as never))).toMatchObject({
        code: 'invalid_options',
      });
      expect(
        await rejection(tv.grants.pollBackchannelAuthentication(nothing as never)),
      ).toMatchObject({
        code: 'invalid_options',
      });
    }
    expect(
      await rejection(tv.grants.startBackchannelAuthentication(undefined as never)),
    ).toMatchObject({
      code: 'invalid_options',
    });
    expect(provider.count()).toBe(0);
  });

  it('[X12] sends no request after the device code expires (§3.2)', async () => {
    const tv = client();
    const device = { ...(await tv.grants.startDeviceAuthorization()), expires_at: 1 };
    expect(await rejection(tv.grants.pollDeviceAuthorization(device))).toMatchObject({
      code: 'expired_token',
    });
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] polls every 5 seconds if the provider does not say (§3.5)', async () => {
    const { interval: _, ...silent } = authorization;
    expect((await client({}, silent).grants.startDeviceAuthorization()).interval).toBe(5);
    const hasty = { ...authorization, interval: 0 };
    expect((await client({}, hasty).grants.startDeviceAuthorization()).interval).toBe(1);
  });

  it.each([
    ['without a device code', { device_code: undefined }],
    ['without a user code', { user_code: '' }],
    ['without a URL', { verification_uri: undefined }],
    ['with a script as URL', { verification_uri: 'javascript:alert(1)' }],
    ['with a script as complete URL', { verification_uri_complete: 'javascript:alert(1)' }],
    ['without a lifetime', { expires_in: undefined }],
  ])('[X12] refuses a response %s (§3.2)', async (_, change) => {
    const tv = client({}, { ...authorization, ...change });
    expect(await rejection(tv.grants.startDeviceAuthorization())).toMatchObject({
      code: 'invalid_response',
      phase: 'authorize',
    });
  });

  it('[X12] misses an id_token that was asked for (OpenID Connect Core §3.1.3.3)', async () => {
    provider.on('api', () => ({ body: authorization }));
    const deviceAuthorizationEndpoint = `${provider.base}/api/device`;
    const { tv } = new OAuth({ config: {} }).register(
      'tv',
      openidClient(provider, { deviceAuthorizationEndpoint }),
    );
    answers(success);
    const device = await tv.grants.startDeviceAuthorization();
    expect(await rejection(tv.grants.pollDeviceAuthorization(device))).toMatchObject({
      code: 'invalid_id_token',
    });
  });
});

describe('the device flow in one call', () => {
  it('[X12] shows the code, then waits as long as the provider says (RFC 8628 §3.5)', async () => {
    const waits = skipPauses();
    const shown: string[] = [];
    answers(refusal('authorization_pending'), refusal('slow_down'), { status: 503 }, success);
    const token = await client().grants.deviceToken(({ user_code }) => void shown.push(user_code));
    expect(token).toMatchObject({ access_token: 'at' });
    expect(shown).toEqual(['WDJB-MJHT']);
    expect(waits).toEqual([7, 7, 12, 24]);
  });

  it('[X12] stops when the signal says so', async () => {
    const stop = new AbortController();
    const waiting = client().grants.deviceToken(() => stop.abort(new Error('enough')), {}, stop);
    expect((await rejection(waiting)).message).toBe('enough');
    const late = new AbortController();
    const asleep = client().grants.deviceToken(
      () => void setTimeout(() => late.abort(new Error('late')), 10),
      {},
      late,
    );
    expect((await rejection(asleep)).message).toBe('late');
    expect(provider.count('token')).toBe(0);
  });

  it('[X12] never waits for less than it was told, however long that is (HTML §8.6)', async () => {
    const ages = { ...authorization, interval: 3_000_000, expires_in: 1e12 };
    const waits = skipPauses();
    answers(refusal('authorization_pending'), success);
    await client({}, ages).grants.deviceToken(() => undefined);
    expect(waits).toEqual([2_147_484, 2_147_484]);
  });

  it('[X12] sends no request without a way to show the code, or after the signal aborts', async () => {
    const tv = client();
    expect(await rejection(tv.grants.deviceToken(undefined as never))).toMatchObject({
      code: 'invalid_options',
      client: 'tv',
    });
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(tv.grants.deviceToken(() => undefined, {}, { signal: aborted })).rejects.toThrow(
      'enough',
    );
    expect(provider.count()).toBe(0);
  });

  it('[X12] ends if no user approves in time', async () => {
    skipPauses();
    const tv = client({}, { ...authorization, expires_in: 2, interval: 1 });
    provider.on('token', () => refusal('authorization_pending'));
    expect(await rejection(tv.grants.deviceToken(() => undefined))).toMatchObject({
      code: 'expired_token',
    });
  });
});
