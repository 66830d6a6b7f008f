import { describe, expect, it } from 'vitest';
import { login, samples, type Sample, type Started } from '../../../support/preset-login.js';

const profile = {
  sub: 'u-1',
  name: 'Ada Example',
  email: 'ada@example.com',
  email_verified: true,
  picture: 'https://img.example/a.png',
};
const token = { access_token: 'at', token_type: 'Bearer' };

/** How often the profile was asked for. */
const asked = ({ provider, options }: Started): number =>
  provider.requests.filter(({ url }) => url.pathname === new URL(endpointOf(options)).pathname)
    .length;

const endpointOf = ({ userinfoEndpoint = '' }: Started['options']): string =>
  userinfoEndpoint.replace('{authorizationServer}', 'default');

describe('an id_token without the claims that were asked for (OpenID Connect Core §5.4)', () => {
  it.each(['okta', 'zitadel', 'salesforce', 'google'])(
    '[M3] is completed at the userinfo endpoint of %s',
    async (name) => {
      const script: Sample = {
        ...samples[name],
        token,
        profile,
        idToken: { sub: 'u-1' },
        expect: {},
      };
      const found = await login(name, script);
      expect(found.token.userinfo).toMatchObject({ ...profile, iss: expect.any(String) as string });
      expect(found.token.userinfo?.raw).toMatchObject({ sub: 'u-1', aud: 'app' });
    },
  );

  it.each([{ name: 'Ada' }, { email: 'old@example.com' }])(
    '[M3] with %j is completed, because another scope has none of its claims',
    async (claims) => {
      const found = await login('okta', { token, profile, idToken: { sub: 'u-1', ...claims } });
      expect(asked(found)).toBe(1);
      // The endpoint knows nothing about another email.
      const verified = !('email' in claims);
      expect(found.token.userinfo).toMatchObject({
        ...profile,
        email_verified: verified,
        ...claims,
      });
    },
  );

  it('[M3] is left alone if each scope has a claim', async () => {
    const claims = { name: 'Ada', email: 'old@example.com' };
    const found = await login('okta', { token, profile, idToken: { sub: 'u-1', ...claims } });
    expect(asked(found)).toBe(0);
    expect(found.token.userinfo).toMatchObject({ ...claims, email_verified: false });
    expect(found.token.userinfo).not.toHaveProperty('picture');
  });

  it('[M3] is always completed with `userinfo: { onLogin: true }`', async () => {
    const claims = { name: 'Ada', email: 'old@example.com' };
    const script = { token, profile, idToken: { sub: 'u-1', ...claims } };
    const found = await login('okta', script, { userinfo: { onLogin: true } });
    expect(asked(found)).toBe(1);
    expect(found.token.userinfo).toMatchObject({
      ...claims,
      picture: expect.any(String) as string,
    });
  });

  it.each([
    ['twitch', { data: [{ id: 'u-1', login: 'ada', display_name: 'Ada Example' }] }],
    ['openstreetmap', { user: { id: 'u-1', display_name: 'Ada Example' } }],
  ])('[M3] is completed if a scope of %s’s own was asked for', async (name, answer) => {
    const found = await login(name, { token, profile: answer, idToken: { sub: 'u-1' } });
    expect(asked(found)).toBe(1);
    expect(found.token.userinfo).toMatchObject({ sub: 'u-1', name: 'Ada Example' });
  });

  it.each(['openid', 'openid offline_access', ['openid']])(
    '[M3] is all that scope %j asks for',
    async (scope) => {
      const found = await login('okta', { token, profile, idToken: { sub: 'u-1' } }, { scope });
      expect(asked(found)).toBe(0);
    },
  );

  it('[M3][F2] preserves its email, without the email_verified of another email', async () => {
    const script = { token, profile, idToken: { sub: 'u-1', email: 'old@example.com' } };
    const { userinfo } = (await login('okta', script, { scope: 'openid profile' })).token;
    expect(userinfo?.name).toBe('Ada Example');
    expect(userinfo).toMatchObject({ email: 'old@example.com', email_verified: false });
  });

  it.each([
    ['is about another user', { ...profile, sub: 'u-2' }],
    ['does not respond', undefined],
    ['is no profile', 'Not found'],
  ])('[M3][X4] is enough for a login if the profile %s', async (_, answer) => {
    const found = await login('okta', { token, profile: answer, idToken: { sub: 'u-1' } });
    expect(asked(found)).toBe(1);
    expect(found.token.userinfo).toMatchObject({ sub: 'u-1', email_verified: false });
    expect(found.token.userinfo).not.toHaveProperty('email');
  });
});
