import { setTimeout as sleep } from 'node:timers/promises';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import { loginAt, startOidcProvider, type RealProvider } from './oidc-provider.js';

const device = 'urn:ietf:params:oauth:grant-type:device_code';
const ciba = 'urn:openid:params:grant-type:ciba';
const client_secret = 'a secret of thirty-two characters';

let real: RealProvider;
/** What the person does with the authentication requests on the telephone. */
let decide: (request: { jti: string }, by: { clientId: string }) => Promise<void>;

beforeAll(async () => {
  real = await startOidcProvider({
    clients: [
      {
        client_id: 'all',
        client_secret,
        grant_types: ['authorization_code', 'refresh_token', 'client_credentials', device, ciba],
        backchannel_token_delivery_mode: 'poll',
        introspection_signed_response_alg: 'RS256',
        scope: 'openid email offline_access api',
      },
    ],
    configuration: {
      scopes: ['openid', 'email', 'offline_access', 'api'],
      features: {
        clientCredentials: { enabled: true },
        revocation: { enabled: true },
        introspection: { enabled: true },
        jwtIntrospection: { enabled: true },
        deviceFlow: { enabled: true },
        ciba: {
          enabled: true,
          deliveryModes: ['poll'],
          processLoginHint: (_context, hint) => hint,
          validateBindingMessage: () => undefined,
          validateRequestContext: () => undefined,
          verifyUserCode: () => undefined,
          triggerAuthenticationDevice: async (_context, request, _account, by) => {
            void decide(request as { jti: string }, by);
          },
        },
      },
      issueRefreshToken: () => true,
    },
  });
});
afterAll(() => real.close());

function client(more: RegisterOptions = {}) {
  return new OAuth({ config: {} }).register('corp', {
    clientId: 'all',
    clientSecret: client_secret,
    issuer: real.issuer,
    scope: 'openid email',
    ...more,
  }).corp;
}

describe('grants and tokens at oidc-provider', () => {
  it('[A25] client credentials (RFC 6749 §4.4)', async () => {
    const robot = client({ scope: 'api', grantType: 'client_credentials' });
    const token = await robot.clientCredentialsToken();
    expect(token).toMatchObject({ token_type: 'Bearer', scope: 'api' });
    expect(await robot.clientCredentialsToken()).toBe(token);
  });

  it('[A23] revocation and introspection (RFC 7009, RFC 7662)', async () => {
    const corp = client();
    const token = await loginAt(corp);
    expect(await corp.introspectToken(token)).toMatchObject({ active: true, client_id: 'all' });
    await corp.revokeToken(token);
    expect(await corp.introspectToken(token)).toEqual({ active: false });
    expect(await rejection(corp.refreshToken(token))).toMatchObject({ code: 'invalid_grant' });
  });

  it('[A23] signed introspection (RFC 9701)', async () => {
    const corp = client({ introspectionSignedResponseAlg: 'RS256' });
    const token = await loginAt(corp);
    expect(await corp.introspectToken(token)).toMatchObject({ active: true, sub: 'user-1' });
  });

  it('[X12] the device flow (RFC 8628)', async () => {
    const tv = client();
    const pending = await tv.grants.startDeviceAuthorization();
    expect(pending.verification_uri).toBe(`${real.issuer}/device`);
    expect(await tv.grants.pollDeviceAuthorization(pending)).toEqual({ pending });
    await agree(pending.device_code);
    const { token } = await tv.grants.pollDeviceAuthorization(pending);
    expect(token?.userinfo?.sub).toBe('user-1');
  });

  it('[X12] CIBA, poll mode', async () => {
    decide = async (request, by) => {
      const { Grant, BackchannelAuthenticationRequest } = real.provider;
      const grant = new Grant({ accountId: 'user-1', clientId: by.clientId });
      grant.addOIDCScope('openid email');
      await grant.save();
      const found = await BackchannelAuthenticationRequest.find(request.jti);
      if (found) await real.provider.backchannelResult(found, grant, { acr: '1' });
    };
    const corp = client();
    const pending = await corp.grants.startBackchannelAuthentication({
      login_hint: 'user-1',
      binding_message: 'W4SCT',
    });
    let answer = await corp.grants.pollBackchannelAuthentication(pending);
    for (let tries = 0; !answer.token && tries < 20; tries += 1) {
      await sleep(20);
      answer = await corp.grants.pollBackchannelAuthentication(pending);
    }
    expect(answer.token?.userinfo?.sub).toBe('user-1');
    expect(await rejection(corp.grants.startBackchannelAuthentication({}))).toMatchObject({
      code: 'invalid_options',
    });
  });
});

/** The person types the code in and agrees. */
async function agree(deviceCode: string): Promise<void> {
  const { DeviceCode, Grant } = real.provider;
  const code = await DeviceCode.find(deviceCode);
  if (!code) throw new Error('There is no such device code.');
  const grant = new Grant({ accountId: 'user-1', clientId: 'all' });
  grant.addOIDCScope('openid email');
  Object.assign(code, {
    accountId: 'user-1',
    grantId: await grant.save(),
    scope: 'openid email',
    authTime: Math.floor(Date.now() / 1000),
    inFlight: false,
  });
  await code.save();
}
