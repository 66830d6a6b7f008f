import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../../../support/browser.js';
import { idTokenVectors, type IdTokenVector } from './id-token-vectors.js';
import { playVector } from './play-vector.js';
import {
  signJws,
  startProvider,
  type FakeProvider,
  type TestKey,
} from '../../../support/provider/index.js';
import {
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
} from '../../../support/apps/express.js';

let provider: FakeProvider;
/** A server that nobody may ever ask; it counts who does. */
let canary: FakeProvider;
let app: TestApp;

/** Starts an application of its own, because keys are kept between the logins of one. */
async function start(more: object = {}, params: Record<string, string> = {}): Promise<TestApp> {
  app = await startExpress({ clients: { openid: openidClient(provider, more) }, params });
  return app;
}

async function login(client = 'openid'): Promise<Record<string, unknown>> {
  const visit = await new Browser().follow(`${app.url}/login/${client}`);
  return visit.json() as Record<string, unknown>;
}

/** Logs in with a vector's id_token. */
async function play(vector: IdTokenVector, more: object = {}): Promise<Record<string, unknown>> {
  const { maxAge } = vector;
  await start(more, maxAge === undefined ? {} : { max_age: String(maxAge) });
  playVector(provider, vector, canary.origin);
  return await login();
}

const pick = (...ids: string[]): IdTokenVector[] =>
  idTokenVectors.filter(({ id }) => ids.includes(id));

const title = ({ id, title: what }: IdTokenVector): [string, IdTokenVector] => [
  `${id} ${what}`,
  pick(id)[0] as IdTokenVector,
];

/** What the JWK Set's failures are called; every other refusal is the id_token's own. */
const keySetCodes: Record<string, string> = {
  N91: 'provider_unavailable',
  N92: 'invalid_metadata',
};

beforeAll(async () => {
  [provider, canary] = await Promise.all([startProvider(), startProvider()]);
});
afterAll(async () => {
  await Promise.all([provider.close(), canary.close()]);
});
afterEach(async () => {
  await app.close();
  provider.reset();
  canary.reset();
  provider.settings.idTokenAlg = 'RS256';
  provider.settings.openid = true;
});

describe('an id_token is accepted (OpenID Connect Core §3.1.3.7)', () => {
  it.each(idTokenVectors.filter(({ accept }) => accept).map(title))(
    '[X4] %s',
    async (_title, vector) => {
      expect(await play(vector)).toMatchObject({ userinfo: { sub: 'user-1' } });
      expect(Object.getPrototypeOf(app.tokens[0]?.userinfo)).toBe(Object.prototype);
      expect(Object.assign({}, app.tokens[0]?.userinfo)).not.toHaveProperty('isAdmin');
    },
  );

  it('[X4] with a fresh auth_time if max_age was sent (§3.1.2.1)', async () => {
    await start({}, { max_age: '300' });
    expect(await login()).toMatchObject({ userinfo: { auth_time: expect.any(Number) as number } });
    expect(provider.last('authorize').query.get('max_age')).toBe('300');
  });

  it.each(['decoys', 'bare-keys', 'unknown-kty', 'single-key-without-kid'] as const)(
    '[X4] by the one key that fits, among %s (RFC 7517 §4)',
    async (jwks) => {
      await start();
      provider.quirks.jwks = jwks;
      if (jwks === 'single-key-without-kid') {
        provider.idToken = ({ claims, sign }) => sign(claims, { alg: 'RS256' });
      }
      expect(await login()).toMatchObject({ userinfo: { sub: 'user-1' } });
    },
  );

  it('[X4] signed with ES256, if the metadata says so', async () => {
    provider.settings.idTokenAlg = 'ES256';
    await start();
    expect(await login()).toMatchObject({ userinfo: { sub: 'user-1' } });
  });
});

describe('an id_token is refused (OpenID Connect Core §3.1.3.7)', () => {
  it.each(idTokenVectors.filter(({ accept }) => !accept).map(title))(
    '[X4] %s',
    async (_title, vector) => {
      const code = keySetCodes[vector.id] ?? 'invalid_id_token';
      expect(await play(vector)).toMatchObject({ code, client: 'openid' });
      expect(app.tokens).toEqual([]);
      expect(provider.count('token')).toBe(1);
      expect(provider.count('userinfo')).toBe(0);
      expect(canary.requests).toEqual([]);
      expect(provider.count('jwks')).toBeLessThanOrEqual(2);
    },
  );

  it.each(
    (['none-alg', 'hs256-alg', 'all-algs', 'no-algs'] as const).flatMap((metadata) =>
      pick('N01', 'N02', 'N03', 'N06', 'N07', 'N08', 'N09', 'N90').map(
        (vector) => [metadata, ...title(vector)] as const,
      ),
    ),
  )(
    '[X4] whatever the metadata lists: %s, %s (RFC 8725 §3.1)',
    async (metadata, _title, vector) => {
      provider.quirks.metadata = metadata;
      expect(await play(vector)).toMatchObject({ code: 'invalid_id_token' });
    },
  );

  it('[A20] if it does not meet the client’s own claimsOptions', async () => {
    await start({ claimsOptions: { email: { value: 'somebody@else.example' } } });
    expect(await login()).toMatchObject({
      code: 'invalid_id_token',
      message: expect.stringContaining('claimsOptions') as string,
    });
  });

  it('[A20] past the configured leeway, and not before', async () => {
    const [vector] = pick('P07') as [IdTokenVector];
    expect(await play(vector, { leeway: 5 })).toMatchObject({ code: 'invalid_id_token' });
    await app.close();
    expect(await play(vector, { leeway: 20 })).toHaveProperty('userinfo');
  });
});

describe('idTokenSignedResponseAlg HS256', () => {
  const options = { idTokenSignedResponseAlg: 'HS256' };

  it('[X4] takes the client secret as the key, without asking for any (Core §10.1)', async () => {
    provider.settings.idTokenAlg = 'HS256';
    await start(options);
    expect(await login()).toMatchObject({ userinfo: { sub: 'user-1' } });
    expect(provider.count('jwks')).toBe(0);
  });

  it.each(pick('P01', 'N01', 'N06', 'N07', 'N09', 'N90').map(title))(
    '[X4] takes nothing else: %s',
    async (_title, vector) => {
      expect(await play(vector, options)).toMatchObject({ code: 'invalid_id_token' });
    },
  );
});

describe('signing keys', () => {
  it('[X4] may change between two logins (oidcc-client-test-signing-key-rotation)', async () => {
    await start();
    expect(await login()).toHaveProperty('userinfo');
    provider.rotateKeys();
    expect(await login()).toHaveProperty('userinfo');
    expect(await login()).toHaveProperty('userinfo');
    expect(provider.count('jwks')).toBe(2);
  });

  it('[X4] may change just before signing (…-signing-key-rotation-just-before-signing)', async () => {
    await start();
    await login();
    provider.idToken = ({ claims, sign }) => {
      provider.rotateKeys();
      const { rsa } = provider.keys;
      return sign(claims, { alg: 'RS256', kid: rsa.kid }, rsa);
    };
    expect(await login()).toHaveProperty('userinfo');
  });

  it('[X4] with an unknown kid cost one request in 30 s, however many tokens name one', async () => {
    await start();
    const [vector] = pick('N19') as [IdTokenVector];
    playVector(provider, vector);
    for (let i = 0; i < 10; i++) expect(await login()).toMatchObject({ code: 'invalid_id_token' });
    expect(provider.count('jwks')).toBe(2);
  });

  it('[X4] are fetched once for 20 first logins at a time', async () => {
    await start();
    provider.quirks.delay.jwks = 50;
    const tokens = await Promise.all(Array.from({ length: 20 }, () => login()));
    expect(tokens.every(({ userinfo }) => userinfo !== undefined)).toBe(true);
    expect([provider.count('metadata'), provider.count('jwks')]).toEqual([1, 1]);
  });
});

describe('an id_token that was not asked for', () => {
  function attach(key?: TestKey): void {
    const { issuer, settings, keys } = provider;
    const seconds = Math.floor(Date.now() / 1000);
    const claims = { iss: issuer, sub: 'user-1', aud: settings.clientId };
    const idToken = signJws(
      { ...claims, iat: seconds, exp: seconds + 300 },
      { alg: 'RS256', kid: keys.rsa.kid },
      key ?? keys.rsa,
    );
    settings.openid = false;
    provider.quirks.tokenResponse = (body) => ({ body: { ...body, id_token: idToken } });
  }

  async function startPlain(more: object = {}): Promise<void> {
    app = await startExpress({ clients: { openid: plainClient(provider, more) } });
  }

  it('[X4] is verified all the same', async () => {
    await startPlain({ issuer: provider.issuer, jwksUri: `${provider.base}/jwks` });
    attach();
    expect(await login()).toMatchObject({ userinfo: { sub: 'user-1' } });
    attach(provider.keys.ec);
    expect(await login()).toMatchObject({ code: 'invalid_id_token' });
  });

  it.each(['no issuer', 'an issuer, but no keys'])(
    '[X4] is thrown away unread if nothing can verify it: %s (RFC 6749 §5.1)',
    async (known) => {
      await startPlain(known === 'no issuer' ? {} : { issuer: provider.issuer });
      attach();
      const token = await login();
      expect(token).toHaveProperty('access_token');
      expect(token).not.toHaveProperty('id_token');
      expect(token).not.toHaveProperty('userinfo');
    },
  );
});
