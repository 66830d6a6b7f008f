import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import {
  attackerKey,
  signJws,
  startProvider,
  type FakeProvider,
} from '../../../support/provider/index.js';
import { login, rejection } from '../../../support/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

function client(more: RegisterOptions = {}) {
  return new OAuth({ config: {} }).register('openid', openidClient(provider, more)).openid;
}

describe('introspectToken() (RFC 7662)', () => {
  it('[A23] tells whether a token is good, and for whom (§2.2)', async () => {
    const corp = client();
    const token = await login(corp);
    expect(await corp.introspectToken(token)).toMatchObject({
      active: true,
      sub: 'user-1',
      client_id: provider.settings.clientId,
    });
    expect(provider.last('introspect').form.get('token_type_hint')).toBe('access_token');
    expect(provider.last('introspect').headers['authorization']).toMatch(/^Basic /);
    await corp.introspectToken(token, { hint: 'refresh_token' });
    expect(provider.last('introspect').form.get('token')).toBe(token.refresh_token);
    expect(await corp.introspectToken('foreign')).toEqual({ active: false });
  });

  it.each([{}, { active: 'true' }, { active: 1 }])(
    '[A23] refuses a response without a boolean "active": %j (§2.2)',
    async (body) => {
      provider.on('introspect', () => ({ body }));
      expect(await rejection(client().introspectToken('t'))).toMatchObject({
        code: 'invalid_response',
        phase: 'introspection',
      });
    },
  );

  it('[A18] lets complianceFix.introspectTokenRequest edit the request', async () => {
    const introspectTokenRequest = ({ body }: { body: URLSearchParams }) =>
      body.set('token_type_hint', 'mended');
    await client({ complianceFix: { introspectTokenRequest } }).introspectToken('t');
    expect(provider.last('introspect').form.get('token_type_hint')).toBe('mended');
  });
});

describe('a signed introspection response (RFC 9701)', () => {
  const claims = () => ({
    iss: provider.issuer,
    aud: provider.settings.clientId,
    iat: Math.floor(Date.now() / 1000),
    token_introspection: { active: true, sub: 'user-1' },
  });
  const header = () => ({
    alg: 'RS256',
    kid: provider.keys.rsa.kid,
    typ: 'token-introspection+jwt',
  });

  function sign(body: object, head: object, key = provider.keys.rsa): void {
    provider.on('introspect', () => ({
      headers: { 'content-type': 'application/token-introspection+jwt' },
      body: signJws(body, { ...head }, key),
    }));
  }

  it('[A23] is asked for, verified and unpacked (§4, §5)', async () => {
    sign(claims(), header());
    const corp = client({ introspectionSignedResponseAlg: 'RS256' });
    expect(await corp.introspectToken('t')).toEqual({ active: true, sub: 'user-1' });
    expect(provider.last('introspect').headers['accept']).toBe(
      'application/token-introspection+jwt',
    );
    expect(await client().introspectToken('t')).toMatchObject({ active: true });
  });

  it('[A23] must be signed if the client says so', async () => {
    const corp = client({ introspectionSignedResponseAlg: 'RS256' });
    expect(await rejection(corp.introspectToken('t'))).toMatchObject({ code: 'invalid_response' });
  });

  it.each<[string, () => void]>([
    ['of another issuer', () => sign({ ...claims(), iss: 'https://evil.example' }, header())],
    ['for another client', () => sign({ ...claims(), aud: 'other' }, header())],
    ['without a time', () => sign({ ...claims(), iat: undefined }, header())],
    ['from the future', () => sign({ ...claims(), iat: 4e9 }, header())],
    ['without its object', () => sign({ ...claims(), token_introspection: 'yes' }, header())],
    ['of another type', () => sign(claims(), { ...header(), typ: 'JWT' })],
    ['of no type', () => sign(claims(), { ...header(), typ: undefined })],
    ['by a foreign key', () => sign(claims(), header(), attackerKey())],
    ['without a signature', () => sign(claims(), { ...header(), alg: 'none' })],
    ['with another algorithm', () => sign(claims(), { ...header(), alg: 'ES256', kid: 'e1' })],
  ])('[A23] is refused %s (§5)', async (_, arrange) => {
    arrange();
    const corp = client({ introspectionSignedResponseAlg: 'RS256' });
    expect(await rejection(corp.introspectToken('t'))).toMatchObject({ code: 'invalid_response' });
  });
});
