import { generateKeyPairSync } from 'node:crypto';
import { jwtVerify, decodeProtectedHeader } from 'jose';
import { describe, expect, it } from 'vitest';
import type { OAuth2Token } from '@oauth-registry/express';
import { idToken, keySet, startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const apple = 'https://appleid.apple.com';
const tokens = `POST ${apple}/auth/token`;
const revoke = `POST ${apple}/auth/revoke`;
const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const key = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();

const claims = {
  iss: apple,
  sub: '001999.97aff9abab5c4a06bb51b1d5c5c5c5c5.1234',
  at_hash: undefined,
  email: 'x7x2@privaterelay.appleid.com',
  email_verified: 'true',
  is_private_email: 'true',
  auth_time: 1_767_000_000,
  nonce_supported: true,
};

const routes: Routes = {
  [`GET ${apple}/.well-known/openid-configuration`]: json({
    issuer: apple,
    authorization_endpoint: `${apple}/auth/authorize`,
    token_endpoint: `${apple}/auth/token`,
    revocation_endpoint: `${apple}/auth/revoke`,
    jwks_uri: `${apple}/auth/keys`,
    response_modes_supported: ['query', 'fragment', 'form_post'],
    id_token_signing_alg_values_supported: ['RS256'],
  }),
  [`GET ${apple}/auth/keys`]: keySet,
  [revoke]: { body: '' },
};

const user = '{"name":{"firstName":"Taylor","lastName":"Appleseed"},"email":"taylor@example.com"}';

async function start(): Promise<PresetApp & { nonce(value?: string): void }> {
  const options = { teamId: 'TEAM123456', keyId: 'KEY1234567', key, clientSecret: undefined };
  const app = await startPreset('apple', routes, options);
  let asked: string | undefined;
  const nonce = (value?: string): void => {
    asked = value;
    app.wire.routes[tokens] = () =>
      json({
        access_token: 'a1b2',
        token_type: 'Bearer',
        expires_in: 3600,
        refresh_token: 'r3f4',
        id_token: idToken({ ...claims, ...(asked === undefined ? {} : { nonce: asked }) }),
      });
  };
  return { ...app, nonce };
}

async function login(app: Awaited<ReturnType<typeof start>>, extra = {}): Promise<OAuth2Token> {
  const asked = await app.begin();
  app.nonce(asked.searchParams.get('nonce') ?? '');
  await app.come({ code: 'c1.0.x', ...extra }, 'POST');
  expect(app.app.errors).toEqual([]);
  return app.app.tokens.at(-1) as OAuth2Token;
}

describe('Apple', () => {
  it('[X5][A22] is asked to respond by POST, with spaces written as %20', async () => {
    const app = await start();
    const asked = await app.begin();
    expect(asked.search).toContain('scope=openid%20name%20email');
    expect(asked.searchParams.get('response_mode')).toBe('form_post');
    expect((await app.come({ code: 'c' }, 'GET')).status).toBe(400);
    expect(app.wire.count(tokens)).toBe(0);
  });

  it('[X5][M3] tells the name once, in a field of the form, and the email in the id_token', async () => {
    const app = await start();
    const first = await login(app, { user });
    expect(first.userinfo).toMatchObject({
      sub: claims.sub,
      name: 'Taylor Appleseed',
      given_name: 'Taylor',
      family_name: 'Appleseed',
      email: 'x7x2@privaterelay.appleid.com',
      email_verified: true,
    });
    const second = await login(app);
    expect(second.userinfo).toMatchObject({ sub: claims.sub, email_verified: true });
    expect(second.userinfo).not.toHaveProperty('name');
  });

  it.each(['', '{', '[]', 'null', '{"name":null}', '{"name":{"firstName":""}}', '{"sub":"evil"}'])(
    '[F2] is not troubled by a user field of %s',
    async (odd) => {
      const { userinfo } = await login(await start(), { user: odd });
      expect(userinfo?.sub).toBe(claims.sub);
      expect(userinfo).not.toHaveProperty('name');
    },
  );

  it('[A20] echoes the nonce; without one the login stands, with a wrong one it does not', async () => {
    const app = await start();
    await app.begin();
    app.nonce();
    expect((await app.come({ code: 'c' }, 'POST')).status).toBe(200);
    await app.begin();
    app.nonce('another');
    await app.come({ code: 'c' }, 'POST');
    expect(app.app.errors.at(-1)).toMatchObject({ code: 'invalid_id_token' });
  });

  it('[A11] gets a secret that is a JWT of the team, signed anew in time', async () => {
    const app = await start();
    await login(app);
    const { form } = app.wire.last(tokens);
    const secret = form.get('client_secret') ?? '';
    const { payload } = await jwtVerify(secret, publicKey, {
      issuer: 'TEAM123456',
      audience: apple,
      subject: 'app-id',
      algorithms: ['ES256'],
    });
    expect(decodeProtectedHeader(secret)).toMatchObject({ alg: 'ES256', kid: 'KEY1234567' });
    expect((payload.exp ?? 0) - (payload.iat ?? 0)).toBeLessThanOrEqual(15_777_000);
    expect(form.get('client_id')).toBe('app-id');
  });

  it('[R6] says user_cancelled_authorize of a user who declined', async () => {
    const app = await start();
    expect(await app.refusal({ error: 'user_cancelled_authorize' }, 'POST')).toMatchObject({
      code: 'access_denied',
      error: 'user_cancelled_authorize',
    });
  });

  it('[R6] passes on that a code was used before', async () => {
    const app = await start();
    app.wire.routes[tokens] = json(
      { error: 'invalid_grant', error_description: 'The code has already been used.' },
      400,
    );
    expect(await app.refusal({ code: 'c' }, 'POST')).toMatchObject({ code: 'invalid_grant' });
  });

  it('[X5] preserves the name over a refresh, whose id_token has none', async () => {
    const app = await start();
    const token = await login(app, { user });
    app.nonce();
    const fresh = await app.client.refreshToken(token);
    expect(fresh.userinfo).toMatchObject({ name: 'Taylor Appleseed', email_verified: true });
    expect(app.wire.last(tokens).form.get('client_secret')).toMatch(/^eyJ/);
  });

  it('[A23] revokes with the signed secret', async () => {
    const app = await start();
    await app.client.revokeToken(await login(app), { hint: 'refresh_token' });
    const { form } = app.wire.last(revoke);
    expect(Object.fromEntries(form)).toMatchObject({
      token: 'r3f4',
      token_type_hint: 'refresh_token',
      client_id: 'app-id',
      client_secret: expect.stringMatching(/^eyJ/) as string,
    });
  });
});
