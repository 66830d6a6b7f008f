import { inspect } from 'node:util';
import { describe, expect, expectTypeOf, it, vi } from 'vitest';
import { OAuth, OAuthError } from '../index.js';
import type { OAuth1Client, OAuth2Client } from '../types.js';

const oauth2 = {
  clientId: 'id',
  clientSecret: 'secret-canary',
  authorizeUrl: 'https://provider.example/authorize',
  accessTokenUrl: 'https://provider.example/token',
};
const oauth1 = {
  ...oauth2,
  requestTokenUrl: 'https://provider.example/request',
};

function failure(run: () => unknown): OAuthError {
  try {
    run();
  } catch (error) {
    if (error instanceof OAuthError) return error;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

describe('registry', () => {
  it('[A1] holds named clients, registered in a chain', () => {
    const oauth = new OAuth({ config: {} }).register('one', oauth2).register('two', oauth2);
    expect(oauth.one.name).toBe('one');
    expect(oauth.two.name).toBe('two');
  });

  it('[A2] gives a client as a property and by createClient, the same object', () => {
    const oauth = new OAuth({ config: {} }).register('github', oauth2);
    expect(oauth.createClient('github')).toBe(oauth.github);
  });

  it('[A2] rejects an unknown name with an error that lists the known ones', () => {
    const oauth = new OAuth({ config: {} }).register('github', oauth2).register('google', oauth2);
    const error = failure(() => oauth.createClient('gitlab'));
    expect(error.code).toBe('unknown_client');
    expect(error.message).toContain('github, google');
  });

  it('[A2] does not take members of Object for clients', () => {
    const oauth = new OAuth({ config: {} }).register('github', oauth2);
    for (const name of ['constructor', 'toString', '__proto__', 'register', '']) {
      expect(failure(() => oauth.createClient(name)).code).toBe('unknown_client');
    }
  });

  it('[M11] chooses OpenID 2.0 by openid2Endpoint, typed as one that calls nothing', () => {
    const old = {
      openid2Endpoint: 'https://old.example/',
      claimedIdPattern: 'https://old\\.example/.+',
    };
    const oauth = new OAuth({ config: {} }).register('old', old).register('steam');
    const verify: (params: string, data: never) => Promise<{ claimed_id: string }> =
      oauth.old.fetchAccessToken;
    const named: typeof oauth.old = oauth.steam;
    // @ts-expect-error there is nothing to refresh
    expect([typeof verify, named.refreshToken]).toEqual(['function', undefined]);
  });

  it('[A3] chooses OAuth 1 by requestTokenUrl, with the same verbs', () => {
    const oauth = new OAuth({ config: {} }).register('two', oauth2).register('one', oauth1);
    expect(oauth.one).toHaveProperty('fetchRequestToken');
    expect(oauth.two).toHaveProperty('parseIdToken');
    const verbs = [
      'get post put patch delete head request userinfo createAuthorizationUrl fetchAccessToken',
    ].flatMap((names) => names.split(' '));
    for (const verb of verbs) {
      expect(oauth.one, verb).toHaveProperty(verb);
      expect(oauth.two, verb).toHaveProperty(verb);
    }
  });

  it('[X1] knows for the compiler which clients there are and which protocol they speak', () => {
    const oauth = new OAuth({ config: {} }).register('two', oauth2).register('one', oauth1);
    expectTypeOf(oauth.two).toEqualTypeOf<OAuth2Client>();
    expectTypeOf(oauth.one).toEqualTypeOf<OAuth1Client>();
    expectTypeOf(oauth.createClient('one')).toEqualTypeOf<OAuth1Client>();
    // @ts-expect-error no client of that name was registered
    expect(oauth.nosuch).toBeUndefined();
    // @ts-expect-error an OAuth 1 token does not fit an OAuth 2 client
    const wrong = () => oauth.two.get('/', { token: { oauth_token: '', oauth_token_secret: '' } });
    expect(wrong).toBeTypeOf('function');
    // @ts-expect-error a misspelt option does not compile
    expect(() => new OAuth().register('x', { ...oauth2, clientID: 'id' })).toThrow(OAuthError);
  });

  it('[X1] has the kind of each client as a property, for those known only by a name', () => {
    const oauth = new OAuth({ config: {} }).register('two', oauth2).register('one', oauth1);
    const kinds = ['one', 'two'].map((name) => oauth.createClient(name).kind);
    expect(kinds).toEqual(['oauth1', 'oauth2']);
    const client = oauth.createClient('two' as string);
    expect(client.kind === 'oauth2' && typeof client.refreshToken).toBe('function');
    expect(new OAuth({ config: {} }).register('steam', {}).steam.kind).toBe('openid2');
  });

  it('[A1] makes no network call at start-up', () => {
    const fetch = vi.fn<typeof globalThis.fetch>();
    new OAuth({ config: {}, fetch }).register('corp', {
      clientId: 'id',
      issuer: 'https://down.invalid',
      scope: 'openid',
    });
    expect(fetch).not.toHaveBeenCalled();
  });

  it.each(['register', 'createClient', 'then', 'toString', 'hasOwnProperty', 'constructor'])(
    '[A1] refuses the name %s, which would shadow a member',
    (name) => {
      expect(failure(() => new OAuth().register(name, oauth2)).code).toBe('invalid_options');
    },
  );

  it.each(['__proto__', '__defineGetter__', '', 'a b', '../x', 'a%0d%0ab', 'x'.repeat(65), 'é'])(
    '[A1] refuses the poisonous or unfit name "%s"',
    (name) => {
      expect(failure(() => new OAuth().register(name, oauth2)).code).toBe('invalid_options');
      expect(({} as Record<string, unknown>)['clientId']).toBeUndefined();
    },
  );

  it('[A1] refuses a name that is taken', () => {
    const oauth = new OAuth({ config: {} }).register('github', oauth2);
    const error = failure(() => oauth.register('github', oauth2));
    expect(error.code).toBe('invalid_options');
    expect(error.message).toContain('"github" is already registered');
  });

  it.each([
    ['an unknown option', { clientID: 'id' }],
    ['an option of the wrong kind', { ...oauth2, scope: 5 }],
    ['an unsafe URL', { ...oauth2, accessTokenUrl: 'http://provider.example/token' }],
    ['a reserved parameter', { ...oauth2, authorizeParams: { state: 'x' } }],
    ['a reserved parameter of OAuth 1', { ...oauth1, authorizeParams: { oauth_callback: 'x' } }],
    ['an unusable realm', { ...oauth1, realm: 'a"b' }],
    ['an unusable algorithm', { ...oauth2, idTokenSignedResponseAlg: 'none' }],
  ])('[A1] says where it happened: %s', (_what, options) => {
    const error = failure(() => new OAuth({ config: {} }).register('corp', options as object));
    expect(error).toMatchObject({ client: 'corp', phase: 'register' });
  });

  it('[A1] says where it happened: a name that is taken', () => {
    const oauth = new OAuth({ config: {} }).register('corp', oauth2);
    const error = failure(() => oauth.register('corp', oauth2));
    expect(error).toMatchObject({ client: 'corp', phase: 'register' });
  });

  it('shows no secret when it is printed', () => {
    const oauth = new OAuth({ config: {}, secret: 'canary'.repeat(8) }).register('x', oauth2);
    const printed = inspect(oauth, { depth: 10, showHidden: true }) + JSON.stringify(oauth);
    expect(printed).not.toContain('canary');
  });

  it('[R7] refuses plain http beyond loopback, unless told to', () => {
    const insecure = { ...oauth2, accessTokenUrl: 'http://provider.example/token' };
    expect(failure(() => new OAuth().register('x', insecure)).code).toBe('insecure_transport');
    new OAuth({ allowInsecureRequests: true }).register('x', insecure);
    for (const host of ['localhost:3000', '127.0.0.1', '[::1]:8080']) {
      new OAuth().register('x', { ...oauth2, accessTokenUrl: `http://${host}/token` });
    }
  });

  it.each([
    'http://localhost.evil.example/token',
    'http://localhost:80@evil.example/token',
    'https://user:pass@provider.example/token',
    'http://0.0.0.0/token',
  ])('[R7] does not take %s for a secure URL', (accessTokenUrl) => {
    const error = failure(() => new OAuth().register('x', { ...oauth2, accessTokenUrl }));
    expect(error.code).toBe('insecure_transport');
  });
});
