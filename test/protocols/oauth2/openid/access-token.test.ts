import { OAuth, type OAuth2Token, type RegisterOptions } from '@oauth-registry/core';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { attackerKey, rsaKey, signJws, type TestKey } from '../../../support/provider/index.js';
import { redirectUri, rejection } from '../../../support/login.js';
import { json, startWire, type Wire } from '../../../support/wire.js';

const home = 'https://login.game.example';
const key = rsaKey();
const now = () => Math.floor(Date.now() / 1000);

let wire: Wire;
let accessToken: string;
beforeEach(async () => {
  accessToken = signed();
  wire = await startWire({
    [`POST ${home}/token`]: () => json({ access_token: accessToken, expires_in: 1200 }),
    [`GET ${home}/jwks`]: json({ keys: [key.jwk] }),
  });
});
afterEach(() => wire.close());

function signed(
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
  by: TestKey = key,
): string {
  const own = { iss: home, aud: ['app', 'Game'], sub: 'CHARACTER:7', name: 'Ada' };
  const payload = { ...own, iat: now(), exp: now() + 1200, ...claims };
  return signJws(payload, { alg: 'RS256', typ: 'JWT', kid: key.kid, ...header }, by);
}

function game(options: RegisterOptions = {}) {
  return new OAuth({ config: {}, fetch: wire.fetch }).register('game', {
    clientId: 'app',
    clientSecret: 'secret',
    issuer: [home, 'login.game.example'],
    authorizeUrl: `${home}/authorize`,
    accessTokenUrl: `${home}/token`,
    jwksUri: `${home}/jwks`,
    userinfo: { from: 'access_token', audience: ['{client_id}', 'Game'] },
    profile: { sub: '$.sub', name: '$.name' },
    ...options,
  }).game;
}

async function logIn(options?: RegisterOptions): Promise<OAuth2Token> {
  const client = game(options);
  const request = await client.createAuthorizationUrl(redirectUri);
  const callback = { code: 'c0de', state: request.state };
  return await client.fetchAccessToken(callback, request);
}

describe('the profile of an access token that is a JWT (RFC 9068 §4)', () => {
  it('[R6] has its verified claims, at login and later', async () => {
    const token = await logIn();
    const user = { sub: 'CHARACTER:7', name: 'Ada', email_verified: false };
    expect(token.userinfo).toMatchObject(user);
    expect(await game().userinfo({ token })).toMatchObject(user);
    expect(game().identity(token)).toBe('game$https://login.game.example$CHARACTER:7');
  });

  it.each([
    ['of an issuer in its other form', {}, { iss: 'login.game.example' }],
    ['of the type at+jwt', { typ: 'at+jwt' }, {}],
  ])('[R6] accepts one %s', async (_, header, claims) => {
    accessToken = signed(claims, header);
    expect((await logIn()).userinfo?.sub).toBe('CHARACTER:7');
  });

  it.each<[string, () => string]>([
    ['of another issuer', () => signed({ iss: 'https://evil.example' })],
    ['without an issuer', () => signed({ iss: undefined })],
    ['for another client', () => signed({ aud: ['other', 'Game'] })],
    ['for another resource', () => signed({ aud: ['app', 'Forum'] })],
    ['for the client alone', () => signed({ aud: 'app' })],
    ['without an audience', () => signed({ aud: undefined })],
    ['that has expired', () => signed({ exp: now() - 120 })],
    ['that never expires', () => signed({ exp: undefined })],
    ['signed by another key', () => signed({}, {}, attackerKey())],
    ['without a signature', () => signed({}, { alg: 'none' }).replace(/[^.]*$/, '')],
    [
      'signed with the client secret',
      () =>
        signJws(
          { iss: home, aud: ['app', 'Game'], sub: '7', exp: now() + 60 },
          { alg: 'HS256' },
          'secret',
        ),
    ],
    ['that is an id_token by its type', () => signed({}, { typ: 'logout+jwt' })],
    ['that is opaque', () => 'opaque'],
  ])('[R6] rejects one %s', async (_, create) => {
    accessToken = create();
    const error = await rejection(logIn());
    expect(error).toMatchObject({ code: 'invalid_userinfo', phase: 'userinfo', client: 'game' });
    expect(error.message).not.toContain(accessToken);
  });

  it.each<[string, RegisterOptions]>([
    ['an issuer', { issuer: undefined }],
    ['keys', { jwksUri: undefined }],
    ['an audience', { userinfo: { from: 'access_token' } }],
    ['an audience with a value', { userinfo: { from: 'access_token', audience: [] } }],
  ])('[R6] is never read without %s', (_, options) => {
    expect(() => game(options)).toThrow(/"userinfo\.from" is access_token, so/);
  });

  it('[R6] is not read by default', async () => {
    const error = await rejection(logIn({ userinfo: undefined, userinfoEndpoint: `${home}/me` }));
    expect(error).toMatchObject({ code: 'provider_refused' });
    expect(wire.count(`GET ${home}/jwks`)).toBe(0);
  });
});
