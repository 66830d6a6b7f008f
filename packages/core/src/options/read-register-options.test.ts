import { describe, expect, it } from 'vitest';
import type { RegisterOptions } from './register-options.js';
import { readRegisterOptions } from './read-register-options.js';
import { readRegistryOptions } from './read-registry-options.js';

const minimal: RegisterOptions = { clientId: 'id', authorizeUrl: 'https://p.example/authorize' };

const read = (options: object, config = {}, name = 'github') =>
  readRegisterOptions(name, options as RegisterOptions, config);

describe('options of register()', () => {
  it('[A4] reads id, secret and URLs from configuration by name', () => {
    const config = {
      GITHUB_CLIENT_ID: 'from-config',
      GITHUB_CLIENT_SECRET: 'secret',
      GITHUB_ACCESS_TOKEN_URL: 'https://p.example/token',
      GITHUB_API_BASE_URL: 'https://api.p.example',
      GITHUB_SCOPE: 'user',
      GITHUB_LEEWAY: 'not configurable',
      OTHER_CLIENT_ID: 'other',
    };
    expect(read({}, config)).toEqual({
      clientId: 'from-config',
      clientSecret: 'secret',
      accessTokenUrl: 'https://p.example/token',
      apiBaseUrl: 'https://api.p.example',
      scope: 'user',
    });
  });

  it('[A4] reads process.env unless told otherwise', () => {
    process.env['ENVTEST_CLIENT_ID'] = 'from-env';
    try {
      expect(readRegisterOptions('envtest', {}, undefined).clientId).toBe('from-env');
    } finally {
      delete process.env['ENVTEST_CLIENT_ID'];
    }
  });

  const variables = { GITHUB_CLIENT_ID: 'from-config' };
  it.each<[string, object]>([
    [
      'a proxy that lists no variables',
      new Proxy({}, { get: (_, name) => Reflect.get(variables, name) }),
    ],
    ['an object that inherits them', Object.create(variables) as object],
    [
      'an object with many variables',
      {
        ...Object.fromEntries(Array.from({ length: 200 }, (_, at) => [`V${at}`, '1'])),
        ...variables,
      },
    ],
  ])('[A4] reads configuration from %s', (_what, config) => {
    expect(read({}, config).clientId).toBe('from-config');
  });

  it('[A4] writes "-" in a name as "_" in configuration', () => {
    expect(read({}, { MY_CORP_CLIENT_ID: 'x' }, 'my-corp').clientId).toBe('x');
  });

  it('[A4] lets options win over configuration, unless overwrite', () => {
    const config = { GITHUB_CLIENT_ID: 'config' };
    expect(read({ clientId: 'option' }, config).clientId).toBe('option');
    expect(read({ clientId: 'option', overwrite: true }, config).clientId).toBe('config');
    expect(read({ clientId: 'option', overwrite: true }, {}).clientId).toBe('option');
  });

  it('[A4] takes an empty configuration value for none', () => {
    expect(() => read({}, { GITHUB_CLIENT_ID: '' })).toThrow(/GITHUB_CLIENT_ID/);
  });

  it.each([
    ['client_id', 'clientId'],
    ['clientID', 'clientId'],
    ['autorizeUrl', 'authorizeUrl'],
    ['scopes', 'scope'],
    ['serverMetadataURL', 'serverMetadataUrl'],
    ['authorizationURL', 'authorizeUrl'],
    ['authorization_endpoint', 'authorizeUrl'],
    ['tokenEndpoint', 'accessTokenUrl'],
    ['tokenURL', 'accessTokenUrl'],
    ['wellKnown', 'serverMetadataUrl'],
    ['consumerKey', 'clientId'],
    ['key', 'clientId'],
    ['secret', 'clientSecret'],
    ['authorization', 'authorizeUrl'],
    ['issuerBaseURL', 'issuer'],
    ['custom_params', 'authorizeParams'],
    ['extends', 'preset'],
    ['scopeDelimiter', 'scopeSeparator'],
    ['par', 'requirePushedAuthorizationRequests'],
    ['jar', 'requestObjectSigningAlg'],
    ['jarm', 'responseMode'],
    ['max_age', 'authorizeParams'],
    ['clockSkew', 'leeway'],
  ])('[A1] rejects the unknown option %s and names %s', (wrong, right) => {
    expect(() => read({ ...minimal, [wrong]: 'x' })).toThrow(
      `unknown option "${wrong}". Did you mean "${right}"?`,
    );
  });

  it.each(['redirectUri', 'callbackURL', 'redirect_uri'])(
    '[A1] names the call that takes %s',
    (wrong) => {
      expect(() => read({ ...minimal, [wrong]: 'x' })).toThrow(
        /an argument of the call that starts a login/,
      );
    },
  );

  it.each(['clientKwargs', 'client_kwargs'])(
    'says of %s of Authlib that its members are options',
    (wrong) => {
      expect(() => read({ ...minimal, [wrong]: { scope: 'read' } })).toThrow(
        `unknown option "${wrong}". Its members are options themselves: "scope"`,
      );
    },
  );

  it('[A1] rejects an option without any likeness by listing the known ones', () => {
    expect(() => read({ ...minimal, zzzzzzzzzzzzz: 1 })).toThrow(/Known options: clientId/);
  });

  it.each([
    [{ clientId: '' }, /"clientId" must be a non-empty string/],
    [{ clientId: 7 }, /"clientId" must be a non-empty string/],
    [{ authorizeUrl: '/authorize' }, /"authorizeUrl" must be an absolute URL/],
    [{ authorizeUrl: 'javascript:alert(1)' }, /"authorizeUrl" must be an absolute URL/],
    [{ authorizeUrl: ['https://p.example/authorize'] }, /"authorizeUrl" must be an absolute URL/],
    [
      { resource: ['https://a.example', 'https://b.example'] },
      /"resource" must be an absolute URL/,
    ],
    [{ scope: 3 }, /"scope" must be a string or a list/],
    [{ tokenPlacement: 'cookie' }, /"tokenPlacement" must be one of header, body, uri/],
    [{ codeChallengeMethod: 'plain' }, /"codeChallengeMethod" must be one of S256/],
    [{ leeway: -1 }, /"leeway" must be a number/],
    [{ fetchToken: 'x' }, /"fetchToken" must be a function/],
    [{ authorizeParams: { a: {} } }, /"authorizeParams" must be an object/],
    [{ jwks: { keys: 'x' } }, /"jwks" must be a JWK Set/],
    [{ tokenEndpointAuthMethod: 'magic' }, /"tokenEndpointAuthMethod" must be one of/],
    [{ tokenEndpointAuthMethod: 'client_secret_post' }, /"clientSecret" is missing/],
    [{ scope: 'openid' }, /"issuer" is missing/],
    [{ requestTokenUrl: 'https://p.example/r' }, /"clientSecret" is missing/],
    [{ profile: { sub: 'str:$.id' } }, /"profile" has a "sub" that begins with "str:", not with/],
    [{ profile: { sub: '$.id | number:$.n' } }, /begins with "number:", not with one of bool,/],
    [{ profile: { sub: '' } }, /"sub" that must be an expression or a function/],
    [{ complianceFix: { accessTokenRespons: () => ({}) } }, /"complianceFix" must be/],
  ])('[A1] checks every option: %j', (options, message) => {
    expect(() => read({ ...minimal, ...options })).toThrow(message);
  });

  it('[A1] never shows a value it rejects', () => {
    expect(() => read({ ...minimal, clientSecret: ['canary'] })).toThrow(/^(?!.*canary)/);
  });

  it('[A1] freezes a copy and leaves what it was given alone', () => {
    const given = { ...minimal, authorizeParams: { prompt: 'login' }, scope: ['a', 'b'] };
    const options = read(given, { GITHUB_CLIENT_SECRET: 's' });
    given.authorizeParams.prompt = 'changed';
    expect(options.authorizeParams).toEqual({ prompt: 'login' });
    expect(Object.isFrozen(options) && Object.isFrozen(options.authorizeParams)).toBe(true);
    expect(given).not.toHaveProperty('clientSecret');
  });

  it('[A1] is not fooled by an own __proto__', () => {
    const poisoned = JSON.parse('{"clientId":"x","__proto__":{"clientSecret":"y"}}') as object;
    expect(() => read(poisoned)).toThrow(/unknown option/);
  });
});

describe('options of new OAuth()', () => {
  it('[A1] checks them too', () => {
    expect(() => readRegistryOptions({ secret: 'short' })).toThrow(/32 characters/);
    expect(() => readRegistryOptions({ stateStorage: 'cookie' })).toThrow(/needs a "secret"/);
    expect(() => readRegistryOptions({ timeout: 0 })).toThrow(/milliseconds/);
    expect(() => readRegistryOptions({ limits: { stateTtl: -1 } })).toThrow(/"stateTtl"/);
    expect(() => readRegistryOptions({ baseURL: 'x' } as object)).toThrow(/Did you mean "baseUrl"/);
  });

  it.each([
    [{ limits: { pendingLogins: 0 } }, /"pendingLogins" must be/],
    [{ limits: { pendingLogins: 1.5 } }, /"pendingLogins" must be/],
    [{ limits: { formBytes: Infinity } }, /"formBytes" must be/],
    [{ limits: { metadataTtl: '60' } }, /"metadataTtl" must be/],
    [{ timeout: 2 ** 31 }, /"timeout" must be/],
    [{ timeout: Infinity }, /"timeout" must be/],
    [{ timeout: Number.NaN }, /"timeout" must be/],
  ])('[A1] refuses %j, with which nothing would work', (options, message) => {
    expect(() => readRegistryOptions(options as object)).toThrow(message);
  });

  it('fills in the limits', () => {
    const { limits } = readRegistryOptions({ limits: { stateTtl: 60 } });
    expect(limits).toMatchObject({ stateTtl: 60, pendingLogins: 20 });
  });
});
