import { describe, expect, it } from 'vitest';
import { idToken, keySet, startPreset, type PresetApp } from '../support/apps/preset.js';
import { json, type Routes } from '../support/wire.js';

const www = 'https://www.linkedin.com';
const tokens = `POST ${www}/oauth/v2/accessToken`;
const userinfo = 'GET https://api.linkedin.com/v2/userinfo';

const person = {
  sub: '782bbtaQ',
  name: 'John Doe',
  given_name: 'John',
  family_name: 'Doe',
  picture: 'https://media.licdn-ei.com/dms/image/C5F03AQHqK8v7tB1HCQ/profile-displayphoto/0/',
  locale: { country: 'US', language: 'en' },
  email: 'doe@email.com',
  email_verified: true,
};

const routes: Routes = {
  [`GET ${www}/oauth/.well-known/openid-configuration`]: json({
    issuer: `${www}/oauth`,
    authorization_endpoint: `${www}/oauth/v2/authorization`,
    token_endpoint: `${www}/oauth/v2/accessToken`,
    userinfo_endpoint: 'https://api.linkedin.com/v2/userinfo',
    jwks_uri: `${www}/oauth/openid/jwks`,
    id_token_signing_alg_values_supported: ['RS256'],
  }),
  [`GET ${www}/oauth/openid/jwks`]: keySet,
  [userinfo]: json(person),
};

/** LinkedIn’s id_tokens have no nonce, and a locale as text. */
async function start(more: Record<string, unknown> = {}): Promise<PresetApp> {
  return await startPreset('linkedin', {
    ...routes,
    [tokens]: () =>
      json({
        access_token: 'AQXNnd2kXITHELmWblJigbHEuoFdfRhOwGA0QNnumBI8XOVSs0HtOHEU',
        expires_in: 5_183_999,
        scope: 'email,openid,profile',
        token_type: 'Bearer',
        id_token: idToken({ ...person, locale: 'en_US', iss: `${www}/oauth`, ...more }),
      }),
  });
}

describe('LinkedIn', () => {
  it('[X5] logs in without PKCE, which it refuses, and without a nonce in the id_token', async () => {
    const linkedin = await start();
    const asked = await linkedin.begin();
    expect(asked.searchParams.has('code_challenge')).toBe(false);
    expect(asked.searchParams.get('scope')).toBe('openid profile email');
    const token = await linkedin.login();
    expect(token).toMatchObject({ scope: 'email openid profile', expires_in: 5_183_999 });
    expect(token.userinfo).toMatchObject({
      sub: '782bbtaQ',
      name: 'John Doe',
      email: 'doe@email.com',
      email_verified: true,
      locale: 'en_US',
    });
    const { form, headers } = linkedin.wire.last(tokens);
    expect([form.has('code_verifier'), headers['authorization']]).toEqual([false, undefined]);
    expect(form.get('client_secret')).toBe('app-secret');
  });

  it('[A20] is refused with a nonce of another login', async () => {
    const linkedin = await start({ nonce: 'another' });
    expect(await linkedin.refusal()).toMatchObject({ code: 'invalid_id_token' });
  });

  it('[M3] may say "true" of an email, and has a locale of two halves', async () => {
    const linkedin = await start({ email_verified: 'true' });
    const token = await linkedin.login();
    expect(token.userinfo?.email_verified).toBe(true);
    expect((await linkedin.client.userinfo({ token })).locale).toBe('en-US');
  });

  it('[F2] lets users without an email in', async () => {
    const linkedin = await start({ email: undefined, email_verified: undefined });
    linkedin.wire.routes[userinfo] = json({
      ...person,
      email: undefined,
      email_verified: undefined,
    });
    const { userinfo: user } = await linkedin.login();
    expect(user).toMatchObject({ sub: '782bbtaQ', email_verified: false });
    expect(user).not.toHaveProperty('email');
  });

  it.each(['user_cancelled_login', 'user_cancelled_authorize'])(
    '[R6] says %s of a user who declined',
    async (error) => {
      const linkedin = await start();
      const error_description = 'The user cancelled the authorization';
      expect(await linkedin.refusal({ error, error_description })).toMatchObject({
        code: 'access_denied',
        error,
      });
    },
  );

  it('[R6] passes on the error responses of its token endpoint and of its API', async () => {
    const linkedin = await start();
    const token = await linkedin.login();
    const error_description =
      'Unable to retrieve access token: appid/redirect uri/code verifier does not match authorization code.';
    linkedin.wire.routes[tokens] = json({ error: 'invalid_request', error_description }, 400);
    expect(await linkedin.refusal()).toMatchObject({ code: 'invalid_request', error_description });
    linkedin.wire.routes[userinfo] = json(
      {
        status: 401,
        serviceErrorCode: 65_601,
        code: 'REVOKED_ACCESS_TOKEN',
        message: 'The token used in the request has been revoked by the user',
      },
      401,
    );
    await expect(linkedin.client.userinfo({ token })).rejects.toMatchObject({
      code: 'invalid_token',
    });
  });
});
