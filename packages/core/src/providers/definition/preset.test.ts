import { describe, expect, it } from 'vitest';
import { OAuth, type RegisterOptions } from '../../index.js';
import {
  auth0,
  authentik,
  byName,
  cognito,
  gitlab,
  hydra,
  keycloak,
  microsoft,
  names,
  okta,
  zitadel,
} from '../../providers.js';

const credentials = { clientId: 'app', clientSecret: 'secret' };

async function urlOf(options: RegisterOptions): Promise<string> {
  const asked: string[] = [];
  const { it: client } = new OAuth({
    config: {},
    fetch: async (url) => {
      asked.push(String(url));
      return new Response('{}', { status: 404 });
    },
  }).register('it', options);
  const request = await client
    .createAuthorizationUrl('https://app.example/callback')
    .catch(() => undefined);
  return request?.url ?? asked[0] ?? '';
}

/** The presets of OAuth 2, with a value for every part of their URLs. */
const oauth2Names = names.filter(
  (name) => !/"(?:openid2Endpoint|requestTokenUrl)":/.test(JSON.stringify(byName(name)())),
);

describe('a preset of OAuth 2', () => {
  it.each(oauth2Names)('is refused beside an option that makes a client of OAuth 1: %s', (name) => {
    const urls = { requestTokenUrl: 'https://one.example/request' };
    const variables = Object.entries(byName(name)().urlVariables ?? {});
    const values = variables.map(([one, { suffix = '' }]) => [
      one,
      suffix === '' ? 'a' : `a${suffix}`,
    ]);
    const options = byName(name)({ ...credentials, ...Object.fromEntries(values), ...urls });
    for (const given of [
      options,
      { ...credentials, ...Object.fromEntries(values), ...urls, preset: name },
    ]) {
      expect(() => new OAuth({ config: {} }).register('it', given as RegisterOptions)).toThrow(
        /OAuth 1 client because "requestTokenUrl" is given/,
      );
    }
  });
});

describe('the URL variables of a preset', () => {
  it.each([
    ['keycloak', keycloak, 'http://127.0.0.1:8580/realms/x'],
    ['keycloak', keycloak, 'https://id.example/auth/realms/my%20realm'],
    ['auth0', auth0, 'https://t.eu.auth0.com/'],
    ['authentik', authentik, 'https://id.example/application/o/app/'],
    ['okta', okta, 'https://dev-1.okta.com/oauth2/default'],
    ['zitadel', zitadel, 'https://id.example'],
    ['hydra', hydra, 'https://id.example'],
    ['cognito', cognito, 'https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_a'],
    ['microsoft', microsoft, 'https://login.microsoftonline.com/1b-2c/v2.0'],
    ['gitlab', gitlab, 'https://gitlab.corp.example'],
  ])('of %s are unnecessary beside an issuer or a metadata URL', async (_, preset, issuer) => {
    const origin = new URL(issuer).origin;
    const metadata = `${issuer.replace(/\/$/, '')}/.well-known/openid-configuration`;
    expect(await urlOf(preset({ ...credentials, issuer }))).toContain(origin);
    expect(await urlOf(preset({ ...credentials, serverMetadataUrl: metadata }))).toContain(origin);
  });

  it('leave no URL of the public server when the application names another issuer', () => {
    const options = gitlab({ ...credentials, issuer: 'https://git.corp.example' });
    expect(JSON.stringify({ ...options, publicAuthority: undefined })).not.toContain('gitlab.com');
    expect(options.apiBaseUrl).toBe('https://git.corp.example/api/v4/');
  });

  it.each([
    ['https://id.example', 'https://id.example'],
    ['https://id.example/', 'https://id.example'],
    ['id.example:8443/', 'https://id.example:8443'],
    ['https://id.example/auth/', 'https://id.example/auth'],
    ['http://127.0.0.1:8580/', 'http://127.0.0.1:8580'],
    ['http://localhost:8580', 'http://localhost:8580'],
  ])('take a host as it is copied from a browser: %s', async (host, origin) => {
    const url = await urlOf(keycloak({ ...credentials, host, realm: 'x' }));
    expect(url.startsWith(`${origin}/realms/x/`)).toBe(true);
  });

  it.each(['http://id.example', 'ftp://id.example', 'a b', 'user:pw@id.example', ''])(
    'refuse the host "%s"',
    (host) => {
      expect(() =>
        new OAuth({ config: {} }).register('it', keycloak({ ...credentials, host })),
      ).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    },
  );

  it.each([
    ['my realm', 'my%20realm'],
    ['größe', 'gr%C3%B6%C3%9Fe'],
    ['a~b', 'a~b'],
    ['a/b', 'a%2Fb'],
    ['a+b&c=d@e', 'a+b&c=d@e'],
    ['50%', '50%25'],
    ['?#', '%3F%23'],
  ])('encode the realm "%s" as a segment of the path (RFC 3986 §3.3)', async (realm, encoded) => {
    const url = await urlOf(keycloak({ ...credentials, host: 'id.example', realm }));
    expect(url.startsWith(`https://id.example/realms/${encoded}/`)).toBe(true);
  });

  it.each(['.', '..', '\ud800', 'a\nb'])(
    'refuse the realm %j, which would be another path',
    (realm) => {
      const register = () =>
        new OAuth({ config: {} }).register(
          'it',
          keycloak({ ...credentials, host: 'id.example', realm }),
        );
      expect(register).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    },
  );
});
