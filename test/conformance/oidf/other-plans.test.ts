import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { login, rejection } from '../../support/login.js';
import { signJws, startProvider, type FakeProvider } from '../../support/provider/index.js';
import { badSignature, plusOne, without } from '../../contract/oidf-modules.js';
import { clientOf } from './flows.js';

let p: FakeProvider;
beforeAll(async () => {
  p = await startProvider();
});
beforeEach(() => {
  p.reset();
  p.settings.idTokenAlg = 'RS256';
  p.settings.userinfoSignedAlg = undefined;
});
afterAll(() => p.close());

const named = (name: string, title: string, plan: string): string =>
  `[X4] ${name}: ${title} (OpenID Foundation, RP ${plan} plan)`;

describe('the refresh token plan', () => {
  const plan = 'refresh token';

  it(
    named('oidcc-client-test-refresh-token', 'verifies it, and uses the new token', plan),
    async () => {
      const client = clientOf(p);
      const fresh = await client.refreshToken(await login(client));
      expect(fresh.userinfo?.sub).toBe('user-1');
      expect((await client.userinfo({ token: fresh })).sub).toBe('user-1');
    },
  );

  it.each([
    ['oidcc-client-test-refresh-token-invalid-issuer', 'iss'],
    ['oidcc-client-test-refresh-token-invalid-sub', 'sub'],
  ])(named('%s', 'rejects it, and does not use the new token', plan), async (_, claim) => {
    const client = clientOf(p);
    const token = await login(client);
    p.idToken = plusOne(claim);
    expect((await rejection(client.refreshToken(token))).code).toBe('invalid_id_token');
    expect(p.count('userinfo')).toBe(0);
  });
});

describe('the comprehensive plan', () => {
  const plan = 'comprehensive';

  it(named('oidcc-client-test-missing-aud', 'rejects it', plan), async () => {
    p.idToken = without('aud');
    expect((await rejection(login(clientOf(p)))).code).toBe('invalid_id_token');
  });

  it.each([
    ['oidcc-client-test-invalid-sig-es256', 'ES256'],
    ['oidcc-client-test-invalid-sig-hs256', 'HS256'],
  ] as const)(named('%s', 'rejects it', plan), async (_, alg) => {
    p.settings.idTokenAlg = alg;
    const client = clientOf(p, { idTokenSignedResponseAlg: alg });
    expect((await login(client)).userinfo?.sub).toBe('user-1');
    p.idToken = badSignature;
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });

  it.each([
    ['oidcc-client-test-userinfo-bearer-header', 'header', 'GET'],
    ['oidcc-client-test-userinfo-bearer-body', 'body', 'POST'],
  ] as const)(named('%s', 'sends it that way', plan), async (_, tokenPlacement, method) => {
    const client = clientOf(p, { tokenPlacement });
    const token = await login(client);
    expect((await client.userinfo({ token })).sub).toBe('user-1');
    const { headers, form, method: used } = p.last('userinfo');
    expect(used).toBe(method);
    expect(headers['authorization'] !== undefined).toBe(tokenPlacement === 'header');
    expect(form.has('access_token')).toBe(tokenPlacement === 'body');
  });

  it(named('oidcc-client-test-userinfo-signed', 'verifies it', plan), async () => {
    const client = clientOf(p, { userinfoSignedResponseAlg: 'RS256' });
    p.settings.userinfoSignedAlg = 'RS256';
    const token = await login(client);
    expect((await client.userinfo({ token })).email).toBe('ada@example.com');
  });

  describe('with claims of another user', () => {
    let bank: FakeProvider;
    beforeAll(async () => {
      bank = await startProvider();
    });
    afterAll(() => bank.close());

    const sign = (claims: object): string =>
      signJws(
        { iss: bank.issuer, sub: 'account-7', ...claims },
        { alg: 'RS256', kid: bank.keys.rsa.kid },
        bank.keys.rsa,
      );
    const names = { credit_score: 'bank' };

    it(
      named('oidcc-client-test-aggregated-claims', 'verifies and decodes them', plan),
      async () => {
        const sources = { bank: { JWT: sign({ credit_score: 650 }) } };
        p.quirks.userinfo = { _claim_names: names, _claim_sources: sources };
        const client = clientOf(p, { claimSources: { [bank.issuer]: {} } });
        const user = await client.userinfo({ token: await login(client) });
        const claims = { credit_score: 650 };
        expect(await client.metadata.aggregatedClaims(user)).toEqual([
          { iss: bank.issuer, sub: 'account-7', claims },
        ]);
        const stranger = clientOf(p, { claimSources: { 'https://other.example': {} } });
        expect(await stranger.metadata.aggregatedClaims(user)).toEqual([]);
      },
    );

    it(
      named('oidcc-client-test-distributed-claims', 'requests them with their token', plan),
      async () => {
        bank.on('api', ({ headers }) =>
          headers['authorization'] === 'Bearer of-the-bank'
            ? {
                headers: { 'content-type': 'application/jwt' },
                body: sign({ credit_score: 650 }),
              }
            : { status: 401 },
        );
        const endpoint = `${bank.base}/api/claims`;
        const sources = { bank: { endpoint, access_token: 'of-the-bank' } };
        p.quirks.userinfo = { _claim_names: names, _claim_sources: sources };
        const client = clientOf(p, { claimSources: { [bank.issuer]: {} } });
        const user = await client.userinfo({ token: await login(client) });
        const [found] = await client.metadata.distributedClaims(user);
        expect(found?.claims).toEqual({ credit_score: 650 });
        expect(bank.last('api').headers['authorization']).toBe('Bearer of-the-bank');
      },
    );
  });
});
