import { describe, expect, it } from 'vitest';
import { stepUp, OAuth } from '@oauth-registry/core';
import { openidClient } from '../../../support/apps/express.js';
import { startProvider } from '../../../support/provider/index.js';
import { login, redirectUri, rejection } from '../../../support/login.js';

const answer = (status: number, challenge: string): Response =>
  new Response(null, { status, headers: { 'www-authenticate': challenge } });

describe('[X15] step-up and incremental consent', () => {
  it('turns insufficient_scope into the next request (RFC 6750 §3.1)', () => {
    const error = stepUp(
      answer(403, 'Bearer realm="x", error="insufficient_scope", scope="write admin"'),
    );
    expect(error).toMatchObject({ code: 'insufficient_scope', providerStatus: 403 });
    expect(error?.params).toEqual({ scope: 'write admin' });
  });

  it('asks again for what was granted', () => {
    const response = answer(403, 'Bearer error="insufficient_scope", scope="write read"');
    expect(stepUp(response, { scope: 'read openid' })?.params).toEqual({
      scope: 'read openid write',
    });
  });

  it('turns insufficient_user_authentication into the next request (RFC 9470 §3)', () => {
    const error = stepUp(
      answer(
        401,
        'Bearer error="insufficient_user_authentication", ' +
          'error_description="A different authentication level is required", ' +
          'acr_values="gold silver", max_age="5"',
      ),
    );
    expect(error?.code).toBe('insufficient_user_authentication');
    expect(error?.params).toEqual({ acr_values: 'gold silver', max_age: 5 });
    expect(error?.error_description).toBe('A different authentication level is required');
    expect(JSON.stringify(error)).not.toContain('different authentication level');
  });

  it('reads it among other challenges, quoted or not, for DPoP too', () => {
    const several = answer(
      401,
      'Basic realm="a, error=\\"insufficient_scope\\"", DPoP algs="ES256", ' +
        'error=insufficient_user_authentication, max_age=60',
    );
    expect(stepUp(several)?.params).toEqual({ max_age: 60 });
  });

  it('is undefined for other responses', () => {
    expect(stepUp(new Response('fine'))).toBeUndefined();
    expect(stepUp(answer(401, 'Bearer error="invalid_token"'))).toBeUndefined();
    expect(stepUp(answer(401, 'Basic error="insufficient_scope"'))).toBeUndefined();
    expect(stepUp(answer(500, 'Bearer error="insufficient_scope"'))).toBeUndefined();
    expect(stepUp(new Response(null, { status: 401 }))).toBeUndefined();
  });

  it('takes over nothing that is no scope, acr or age', () => {
    const odd = answer(
      401,
      'Bearer error="insufficient_scope", scope="a\\"b", max_age="-1", redirect_uri="https://evil"',
    );
    expect(stepUp(odd)?.params).toEqual({});
  });

  it('has params that go straight into the next request', async () => {
    const { corp } = new OAuth({ config: {} }).register('corp', {
      clientId: 'a',
      authorizeUrl: 'https://id.example/authorize',
      accessTokenUrl: 'https://id.example/token',
      scope: 'read',
    });
    const challenge = 'Bearer error="insufficient_scope", scope="write", max_age=5';
    const needed = stepUp(answer(403, challenge), { scope: 'read' });
    const { url } = await corp.createAuthorizationUrl(redirectUri, needed?.params);
    const { searchParams } = new URL(url);
    expect(searchParams.get('scope')).toBe('read write');
    expect(searchParams.get('max_age')).toBe('5');
  });

  it.each([
    [403, 'insufficient_scope', 'scope="email"', { scope: 'openid email' }],
    [401, 'insufficient_user_authentication', 'acr_values="gold"', { acr_values: 'gold' }],
  ] as const)('is told by userinfo(), too: %i %s', async (status, error, wanted, params) => {
    const provider = await startProvider();
    try {
      provider.settings.openid = true;
      const { corp } = new OAuth({ config: {} }).register('corp', openidClient(provider));
      const token = { ...(await login(corp)), scope: 'openid' };
      const challenge = `Bearer error="${error}", error_description="why", ${wanted}`;
      provider.on('userinfo', () => ({ status, headers: { 'www-authenticate': challenge } }));
      const refused = await rejection(corp.userinfo({ token }));
      expect(refused).toMatchObject({
        code: error,
        phase: 'userinfo',
        providerStatus: status,
        error,
        params,
      });
      expect(refused).toHaveProperty('error_description', 'why');
    } finally {
      await provider.close();
    }
  });
});
