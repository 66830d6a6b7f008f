import { createSession, OAuth } from '@oauth-registry/next';
import { keycloak } from '@oauth-registry/core/providers';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const secret = 'a secret of thirty-two characters';

describe('while next build runs, an empty variable is a missing one', () => {
  beforeEach(() => void vi.stubEnv('NEXT_PHASE', 'phase-production-build'));
  afterEach(() => void vi.unstubAllEnvs());

  it.each([{ baseUrl: '' }, { secret: '' }, { secret: ['', ''] }, { baseUrl: '', secret: '' }])(
    'in options of the registry: %o',
    (options) => expect(() => new OAuth({ config: {}, ...options })).not.toThrow(),
  );

  it.each([
    { clientId: '', clientSecret: '', serverMetadataUrl: '', apiBaseUrl: '', scope: '' },
    { issuer: '', clientSecret: undefined },
    { privateKey: '', clientId: '' },
    { authorizeUrl: '', accessTokenUrl: '', userinfoEndpoint: '' },
    keycloak({ host: '', realm: '' }),
    keycloak({ realm: 'staff' }),
    { preset: 'auth0' as const, domain: '' },
    { authorizeParams: { hd: '' } },
  ])('in options of a client, %#', (options) => {
    expect(() => new OAuth({ config: {} }).register('corp', options)).not.toThrow();
    expect(() => new OAuth({ config: {} }).registerAll({ corp: options })).not.toThrow();
  });

  it('in the environment', () => {
    const config = { CORP_CLIENT_ID: '', CORP_SERVER_METADATA_URL: '', CORP_SCOPE: '' };
    expect(() => new OAuth({ config }).register('corp')).not.toThrow();
  });

  it('and a mistake is refused all the same', () => {
    expect(() => new OAuth({ config: {} }).register('corp', { issuer: 'nowhere' })).toThrow(
      'issuer',
    );
    expect(() => new OAuth({ baseUrl: 'nowhere' })).toThrow('baseUrl');
  });
});

it('refuses what is empty once the application runs', () => {
  expect(() => new OAuth({ config: {}, secret, baseUrl: '' })).toThrow('"baseUrl" must be');
  const oauth = new OAuth({ config: {}, secret });
  expect(() => oauth.register('corp', { clientId: '' })).toThrow('"clientId" must be');
});

describe('the session of Next.js', () => {
  const { getSession, setSession, clearSession } = createSession<{ name: string }>({ secret });
  const calls = [getSession, clearSession, (place: never) => setSession({ name: 'Ada' }, place)];

  it.each(calls)('says what to pass if a request is passed as it is', async (call) => {
    const request = { headers: {}, cookies: {} } as never;
    await expect(call(request)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('{ req, res }') as string,
    });
  });

  it.each([
    [undefined, 'must be an object'],
    ['Ada', 'must be an object'],
    [['Ada'], 'must be an object'],
    [Promise.resolve({ name: 'Ada' }), 'is a promise: write "await"'],
  ])('refuses %s for its data', async (data, why) => {
    const place = { req: { cookies: {} } };
    await expect(setSession(data as never, place)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining(why) as string,
    });
  });
});
