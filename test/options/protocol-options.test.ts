import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { flickr, github, steam } from '@oauth-registry/core/providers';
import { OAuth as ExpressOAuth } from '@oauth-registry/express';
import { describe, expect, expectTypeOf, it } from 'vitest';

const oauth1 = {
  clientId: 'id',
  clientSecret: 'secret',
  requestTokenUrl: 'https://one.example/request',
  authorizeUrl: 'https://one.example/authorize',
  accessTokenUrl: 'https://one.example/access',
};
const oauth2 = {
  clientId: 'id',
  clientSecret: 'secret',
  authorizeUrl: 'https://two.example/authorize',
  accessTokenUrl: 'https://two.example/token',
};
const openid2 = { openid2Endpoint: 'https://id.example/openid', claimedIdPattern: 'https://(.+)' };
const clients = { 'OAuth 1': oauth1, 'OAuth 2': oauth2, 'OpenID 2.0': openid2 };

const register = (options: object, config = {}, name = 'corp') =>
  new OAuth({ config }).register(name, options as RegisterOptions);

/** Code that is compiled and never run. */
const compiles = (_code: () => unknown): void => undefined;

describe('an option of another protocol', () => {
  it.each([
    ['OAuth 1', 'dpop', true, 'OAuth 2'],
    ['OAuth 1', 'issuer', 'https://one.example', 'OAuth 2'],
    ['OAuth 1', 'scope', 'read', 'OAuth 2'],
    ['OAuth 1', 'grantType', 'client_credentials', 'OAuth 2'],
    ['OAuth 1', 'pkce', 'off', 'OAuth 2'],
    ['OAuth 1', 'complianceFix', {}, 'OAuth 2'],
    ['OAuth 1', 'tokenEndpointAuthMethod', 'client_secret_post', 'OAuth 2'],
    ['OAuth 1', 'clientAuthMethods', {}, 'OAuth 2'],
    ['OAuth 1', 'serverMetadataUrl', 'https://one.example/metadata', 'OAuth 2'],
    ['OAuth 1', 'tokenPlacement', 'body', 'OAuth 2'],
    ['OAuth 1', 'resource', 'https://one.example/mcp', 'OAuth 2'],
    ['OAuth 1', 'claimsOptions', { hd: { essential: true } }, 'OAuth 2'],
    ['OAuth 1', 'revocationEndpoint', 'https://one.example/revoke', 'OAuth 2'],
    ['OAuth 1', 'responseMode', 'form_post', 'OAuth 2 and OpenID 2.0'],
    ['OAuth 2', 'signatureMethod', 'PLAINTEXT', 'OAuth 1'],
    ['OAuth 2', 'rsaKey', 'pem', 'OAuth 1'],
    ['OAuth 2', 'realm', 'x', 'OAuth 1 and OpenID 2.0'],
    ['OAuth 2', 'requestTokenParams', {}, 'OAuth 1'],
    ['OAuth 2', 'forceIncludeBody', true, 'OAuth 1'],
    ['OAuth 2', 'claimedIdPattern', 'x', 'OpenID 2.0'],
    ['OAuth 2', 'allowMissingVerifier', true, 'OAuth 1'],
    ['OAuth 2', 'oauthVersion', false, 'OAuth 1'],
    ['OpenID 2.0', 'scope', 'openid', 'OAuth 2'],
    ['OpenID 2.0', 'dpop', true, 'OAuth 2'],
    ['OpenID 2.0', 'clientSecret', 's', 'OAuth 1 and OAuth 2'],
    ['OpenID 2.0', 'rsaKey', 'pem', 'OAuth 1'],
    ['OpenID 2.0', 'updateToken', () => undefined, 'OAuth 1 and OAuth 2'],
    ['OpenID 2.0', 'requestTokenUrl', 'https://id.example/request', 'OAuth 1'],
  ] as const)('is refused by an %s client: %s %j is of %s', (protocol, option, value, owners) => {
    const options = { ...clients[protocol], [option]: value };
    const said = `"${option}" is an option of ${owners}; "corp" is an ${protocol} client because`;
    expect(() => register(options)).toThrow(
      expect.objectContaining({ code: 'invalid_options', client: 'corp', phase: 'register' }),
    );
    expect(() => register(options)).toThrow(said);
    expect(() => new OAuth({ config: {} }).registerAll({ corp: options as object })).toThrow(said);
  });

  it('is named with the option that selects the protocol', () => {
    expect(() => register({ ...oauth1, dpop: true })).toThrow(
      'register(\'corp\'): "dpop" is an option of OAuth 2; "corp" is an OAuth 1 client because ' +
        '"requestTokenUrl" is given.',
    );
    expect(() => register({ ...oauth2, rsaKey: 'x' })).toThrow(
      'because neither "requestTokenUrl" nor "openid2Endpoint" is given',
    );
  });

  it('is refused when a preset selects the protocol', () => {
    const own = { clientId: 'id', clientSecret: 's' };
    expect(() => register(flickr({ ...own, scope: 'read' } as object))).toThrow('"scope" is an');
    expect(() => register({ ...own, dpop: true }, {}, 'flickr')).toThrow('"dpop" is an option');
    expect(() => register({ ...own, preset: 'tumblr', issuer: 'https://a.example' })).toThrow(
      '"issuer" is an option of OAuth 2',
    );
    expect(() => register(github({ ...own, signatureMethod: 'PLAINTEXT' } as object))).toThrow(
      '"signatureMethod" is an option of OAuth 1',
    );
    expect(() => register(steam({ scope: 'read' } as object))).toThrow('"scope" is an');
    expect(register(steam(own as object)).createClient('corp').name).toBe('corp');
  });

  it('is refused of a client that is loaded', async () => {
    const oauth = new OAuth({
      config: {},
      loadClient: () => ({ ...oauth1, dpop: true }) as object,
    });
    await expect(oauth.loadClient('corp')).rejects.toThrow('"dpop" is an option of OAuth 2');
  });

  it('is let pass when its value is undefined', () => {
    expect(register({ ...oauth1, dpop: undefined }).createClient('corp').name).toBe('corp');
  });

  it('is named with its variable when the configuration has it', () => {
    const config = { CORP_ISSUER: 'https://id.example' };
    expect(() => register(oauth1, config)).toThrow('"issuer" (CORP_ISSUER in the configuration)');
    const other = { CORP_REQUEST_TOKEN_URL: 'https://one.example/request' };
    expect(() => register({ ...oauth2, scope: 'read' }, other)).toThrow(
      'because "requestTokenUrl" (CORP_REQUEST_TOKEN_URL in the configuration) is given',
    );
  });
});

describe('an option that does nothing beside another', () => {
  it.each([
    [{ pkce: 'off', codeChallengeMethod: 'S256' }, '"codeChallengeMethod" has no effect'],
    [
      { idToken: 'ignore', claimsOptions: { hd: { essential: true } } },
      '"claimsOptions" has no effect',
    ],
  ])('is refused: %j', (options, said) => {
    expect(() => register({ ...oauth2, ...options })).toThrow(said);
  });
});

describe('the types of register()', () => {
  const app = new ExpressOAuth({ config: {} });

  it('refuse options of another protocol, one by one', () => {
    compiles(() => {
      // @ts-expect-error dpop is an option of OAuth 2
      app.register('x', { ...oauth1, dpop: true });
      // @ts-expect-error issuer is an option of OAuth 2
      app.register('x', { ...oauth1, issuer: 'https://one.example' });
      // @ts-expect-error scope is an option of OAuth 2
      app.register('x', { ...oauth1, scope: 'read' });
      // @ts-expect-error grantType is an option of OAuth 2
      app.register('x', { ...oauth1, grantType: 'client_credentials' });
      // @ts-expect-error pkce is an option of OAuth 2
      app.register('x', { ...oauth1, pkce: 'off' });
      // @ts-expect-error complianceFix is an option of OAuth 2
      app.register('x', { ...oauth1, complianceFix: {} });
      // @ts-expect-error tokenEndpointAuthMethod is an option of OAuth 2
      app.register('x', { ...oauth1, tokenEndpointAuthMethod: 'none' });
      // @ts-expect-error clientAuthMethods is an option of OAuth 2
      app.register('x', { ...oauth1, clientAuthMethods: {} });
      // @ts-expect-error serverMetadataUrl is an option of OAuth 2
      app.register('x', { ...oauth1, serverMetadataUrl: 'https://one.example' });
      // @ts-expect-error tokenPlacement is an option of OAuth 2
      app.register('x', { ...oauth1, tokenPlacement: 'body' });
      // @ts-expect-error resource is an option of OAuth 2
      app.register('x', { ...oauth1, resource: 'https://one.example' });
      // @ts-expect-error signatureMethod is an option of OAuth 1
      app.register('x', { ...oauth2, signatureMethod: 'PLAINTEXT' });
      // @ts-expect-error rsaKey is an option of OAuth 1
      app.register('x', { ...oauth2, rsaKey: 'pem' });
      // @ts-expect-error realm is an option of OAuth 1 and OpenID 2.0
      app.register('x', { ...oauth2, realm: 'x' });
      // @ts-expect-error requestTokenParams is an option of OAuth 1
      app.register('x', { ...oauth2, requestTokenParams: {} });
      // @ts-expect-error forceIncludeBody is an option of OAuth 1
      app.register('x', { ...oauth2, forceIncludeBody: true });
      // @ts-expect-error claimedIdPattern is an option of OpenID 2.0
      app.register('x', { ...oauth2, claimedIdPattern: 'x' });
      // @ts-expect-error allowMissingVerifier is an option of OAuth 1
      app.register('x', { ...oauth2, allowMissingVerifier: true });
      // @ts-expect-error scope is an option of OAuth 2
      app.register('x', { ...openid2, scope: 'openid' });
      // @ts-expect-error dpop is an option of OAuth 2
      app.register('x', { ...openid2, dpop: true });
      // @ts-expect-error clientSecret is an option of OAuth 1 and OAuth 2
      app.register('x', { ...openid2, clientSecret: 's' });
      // @ts-expect-error rsaKey is an option of OAuth 1
      app.register('x', { ...openid2, rsaKey: 'pem' });
    });
  });

  it('refuse them of presets and of registerAll(), and names that no option has', () => {
    compiles(() => {
      // @ts-expect-error scope is an option of OAuth 2
      flickr({ scope: 'read' });
      // @ts-expect-error rsaKey is an option of OAuth 1
      github({ rsaKey: 'pem' });
      // @ts-expect-error clientSecret is an option of OAuth 1 and OAuth 2
      steam({ clientSecret: 's' });
      // @ts-expect-error dpop is an option of OAuth 2
      app.register('flickr', { dpop: true });
      // @ts-expect-error dpop is an option of OAuth 2
      app.registerAll({ x: { ...oauth1, dpop: true } });
      // @ts-expect-error rsaKey is an option of OAuth 1
      app.registerAll({ x: { ...oauth2, rsaKey: 'pem' } });
      // @ts-expect-error there is no such option
      app.register('x', { ...oauth2, scpe: 'read' });
    });
  });

  it('accept what is not known before it runs, and type the client as far as it is', () => {
    compiles(() => {
      const options = {} as RegisterOptions;
      expectTypeOf(app.register('x', options).x).toEqualTypeOf(app.register('x', oauth2).x);
      const one = { ...options, requestTokenUrl: 'https://one.example' };
      expectTypeOf(app.register('x', one).x).toEqualTypeOf(app.register('x', oauth1).x);
      app.register('x', { ...options, updateToken: (_name, token) => void token });
      const takes = (registry: { register(name: string, options: RegisterOptions): unknown }) =>
        registry;
      takes(app);
    });
  });
});
