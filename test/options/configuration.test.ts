import { OAuth, OAuthError } from '@oauth-registry/core';
import type { FrameworkClient } from '@oauth-registry/core/types';
import { byName, github, google, names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { internalsOf } from '../../packages/core/src/client/client.js';

/** Values of url variables that look like no host. */
const samples: Record<string, string> = { userPoolId: 'eu-west-1_abc', region: 'eu-west-1' };

/** What a client was registered with, out of options and configuration. */
function registered(
  name: string,
  config: Record<string, string>,
  options: object = {},
): Record<string, unknown> {
  const id = name.replaceAll('-', '_').toUpperCase();
  const credentials = { [`${id}_CLIENT_ID`]: 'a', [`${id}_CLIENT_SECRET`]: 'b' };
  const known = names.some((one) => one === 'steam' && name === 'steam') ? {} : credentials;
  const oauth = new OAuth({ config: { ...known, ...config } });
  oauth.register(name, options);
  return internalsOf(oauth.createClient(name) as FrameworkClient).options as Record<
    string,
    unknown
  >;
}

function refusal(make: () => unknown): string {
  try {
    make();
  } catch (error) {
    expect(error).toBeInstanceOf(OAuthError);
    expect((error as OAuthError).code).toBe('invalid_options');
    return (error as OAuthError).message;
  }
  throw new Error('nothing was refused');
}

describe('a variable of the configuration', () => {
  it('is laid over the preset of the client, which stays for the rest', () => {
    const url = 'https://login.example/authorize';
    const options = registered('github', { GITHUB_AUTHORIZE_URL: url });
    const { authorizeUrl: _, clientId: __, clientSecret: ___, ...rest } = options;
    expect(options).toMatchObject({
      authorizeUrl: url,
      accessTokenUrl: github().accessTokenUrl?.replace('{host}', 'github.com'),
    });
    expect(rest).toMatchObject({ scope: 'read:user user:email', profile: { sub: '$.id' } });
  });

  it('may move the issuer, and the scope that brings an id_token stays', () => {
    const options = registered('google', { GOOGLE_ISSUER: 'https://id.example' });
    expect(options).toMatchObject({ issuer: 'https://id.example', scope: 'openid email profile' });
    expect(options['profile']).toEqual(google().profile);
    expect(options).not.toHaveProperty('accessTokenUrl');
  });

  it('gives a url variable of the preset its value as part of an issuer', () => {
    const options = registered('keycloak', { KEYCLOAK_ISSUER: 'https://id.example/realms/shop' });
    expect(options).toMatchObject({
      issuer: 'https://id.example/realms/shop',
      scope: 'openid profile email',
    });
  });

  it('is laid over a preset that is named by "preset" too', () => {
    const config = { WORK_ACCESS_TOKEN_URL: 'https://ghe.example/token' };
    const options = registered('work', config, { preset: 'github' });
    expect(options).toMatchObject({
      accessTokenUrl: 'https://ghe.example/token',
      provider: 'github',
    });
  });

  it('gives way to an option, unless "overwrite" is set', () => {
    const config = { GITHUB_SCOPE: 'gist', GITHUB_API_BASE_URL: 'https://api.example/' };
    const own = { scope: 'user' };
    expect(registered('github', config, own)).toMatchObject({
      scope: 'user',
      apiBaseUrl: 'https://api.example/',
    });
    expect(registered('github', config, { ...own, overwrite: true })).toMatchObject({
      scope: 'gist',
    });
  });

  it('lets a name that no preset of a living provider has be described by the configuration alone', () => {
    const config = {
      FITBIT_AUTHORIZE_URL: 'https://a.example/authorize',
      FITBIT_ACCESS_TOKEN_URL: 'https://a.example/token',
    };
    expect(registered('fitbit', config)).not.toHaveProperty('provider');
  });

  it.each([
    ['github', 'GITHUB_REQUEST_TOKEN_URL', 'OAuth 1', 'OAuth 2'],
    ['google', 'GOOGLE_OPENID2_ENDPOINT', 'OpenID 2.0', 'OAuth 2'],
    ['tumblr', 'TUMBLR_ISSUER', 'OAuth 2', 'OAuth 1'],
    ['flickr', 'FLICKR_SERVER_METADATA_URL', 'OAuth 2', 'OAuth 1'],
    ['steam', 'STEAM_ACCESS_TOKEN_URL', 'OAuth 1 and OAuth 2', 'OpenID 2.0'],
    ['steam', 'STEAM_REQUEST_TOKEN_URL', 'OAuth 1', 'OpenID 2.0'],
    ['twitter', 'TWITTER_SCOPE', 'OAuth 2', 'OAuth 1'],
  ])('is refused for the preset %s if it is %s: both are named', (name, variable, theirs, ours) => {
    const living = names.includes(name as never);
    const message = refusal(() =>
      registered(living ? name : 'x', { [variable]: 'https://a.example/x' }),
    );
    expect(message).toContain(`${variable} in the configuration is an option of ${theirs};`);
    expect(message).toMatch(new RegExp(`preset "${name}\\w*" describes an ${ours} provider`));
  });

  it('either has an effect on each preset, or is refused by its name', () => {
    const variables = [
      'ISSUER',
      'AUTHORIZE_URL',
      'ACCESS_TOKEN_URL',
      'REQUEST_TOKEN_URL',
      'USERINFO_ENDPOINT',
      'SERVER_METADATA_URL',
      'JWKS_URI',
      'REVOCATION_ENDPOINT',
      'OPENID2_ENDPOINT',
      'API_BASE_URL',
      'SCOPE',
    ];
    for (const name of names) {
      const { urlVariables = {} } = byName(name)();
      const id = name.replaceAll('-', '_').toUpperCase();
      const hosts = Object.entries(urlVariables).filter(
        ([, { default: usual }]) => usual === undefined,
      );
      for (const variable of variables) {
        const value = variable === 'SCOPE' ? 'own' : 'https://own.example/of-mine';
        const others = Object.fromEntries(
          hosts.map(([one, { suffix = '' }]) => [
            `${id}_${one.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`,
            suffix === '' ? (samples[one] ?? 'a.example') : `a${suffix}`,
          ]),
        );
        const outcome = outcomeOf(() =>
          registered(name, { ...others, [`${id}_${variable}`]: value }),
        );
        if (typeof outcome === 'string') expect(outcome, name).toContain(`${id}_${variable}`);
        else expect(Object.values(outcome), `${name} ${variable}`).toContainEqual(value);
      }
    }
  }, 30_000);
});

function outcomeOf(make: () => Record<string, unknown>): Record<string, unknown> | string {
  try {
    return make();
  } catch (error) {
    return (error as Error).message;
  }
}

describe('options of the configuration beside URLs', () => {
  const urls = { CORP_SERVER_METADATA_URL: 'https://id.example/.well-known/openid-configuration' };

  it('are the scope and the authentication method', () => {
    const config = {
      ...urls,
      CORP_SCOPE: 'openid email',
      CORP_TOKEN_ENDPOINT_AUTH_METHOD: 'client_secret_post',
    };
    expect(registered('corp', config)).toMatchObject({
      scope: 'openid email',
      tokenEndpointAuthMethod: 'client_secret_post',
    });
  });

  it('are checked as those of register() are', () => {
    const config = { ...urls, CORP_TOKEN_ENDPOINT_AUTH_METHOD: 'basic' };
    expect(refusal(() => registered('corp', config))).toContain('"tokenEndpointAuthMethod"');
  });

  it('are parameters, as a query or as JSON', () => {
    const config = {
      ...urls,
      CORP_AUTHORIZE_PARAMS: 'prompt=consent&access_type=offline',
      CORP_ACCESS_TOKEN_PARAMS:
        '{"audience":"api","resource":["https://a.example","https://b.example"]}',
      CORP_REFRESH_TOKEN_PARAMS: 'resource=https://a.example&resource=https://b.example',
    };
    expect(registered('corp', config)).toMatchObject({
      authorizeParams: { prompt: 'consent', access_type: 'offline' },
      accessTokenParams: { audience: 'api', resource: ['https://a.example', 'https://b.example'] },
      refreshTokenParams: { resource: ['https://a.example', 'https://b.example'] },
    });
  });

  it('are laid over the parameters of a preset one by one', () => {
    const options = registered('github', { GITHUB_AUTHORIZE_PARAMS: 'allow_signup=false' });
    expect(options['authorizeParams']).toEqual({ allow_signup: 'false' });
  });

  it('are refused by the name of the variable if they cannot be read, and are not quoted', () => {
    const config = { ...urls, CORP_AUTHORIZE_PARAMS: '{prompt: canary' };
    const message = refusal(() => registered('corp', config));
    expect(message).toContain('CORP_AUTHORIZE_PARAMS in the configuration');
    expect(message).not.toContain('canary');
  });
});

describe('a client that nothing describes', () => {
  it.each([
    ['githb', 'github'],
    ['gogle', 'google'],
    ['Facebok', 'facebook'],
    ['GitHub', 'github'],
  ])('is refused as %s, because the preset %s was probably meant', (name, meant) => {
    const credentials = { clientId: 'a', clientSecret: 'b', scope: 'user' };
    for (const options of [credentials, {}]) {
      const message = refusal(() => new OAuth({ config: {} }).register(name, options));
      expect(message).toContain(`Did you mean "${meant}"?`);
    }
  });

  it('is registered if the configuration or an option says where the provider is', () => {
    const config = { GITHB_SERVER_METADATA_URL: 'https://id.example' };
    expect(registered('githb', config)).toMatchObject({ clientId: 'a' });
    expect(registered('githb', {}, { apiBaseUrl: 'https://id.example' })).toMatchObject({
      clientId: 'a',
    });
    expect(registered('githb', {}, { preset: 'github' })).toMatchObject({ provider: 'github' });
  });

  it('is registered under a name of its own, since a token may be all it needs', () => {
    expect(registered('intranet', {})).toMatchObject({ clientId: 'a' });
    expect(registered('one', {})).toMatchObject({ clientId: 'a' });
  });
});

it('an option of OAuth 1 beside a preset of OAuth 2 is refused, and not dropped', () => {
  const options = { clientId: 'a', requestTokenUrl: 'https://a.example/request' };
  const message = '"work" is an OAuth 1 client because "requestTokenUrl" is given';
  for (const given of [github(options as never), { ...options, preset: 'github' }]) {
    expect(refusal(() => registered('work', {}, given))).toContain(message);
  }
});
