import { afterEach, beforeAll, beforeEach, afterAll, describe, expect, it, vi } from 'vitest';
import type { OAuthOptions } from '@oauth-registry/express';
import { Browser } from '../../../support/browser.js';
import {
  startProvider,
  type FakeProvider,
  type Fault,
  type MetadataQuirk,
} from '../../../support/provider/index.js';
import {
  openidClient,
  plainClient,
  startExpress,
  type TestApp,
} from '../../../support/apps/express.js';

let provider: FakeProvider;
const apps: TestApp[] = [];

async function start(more: object = {}, oauth: OAuthOptions = {}): Promise<TestApp> {
  const app = await startExpress({ clients: { openid: openidClient(provider, more) }, oauth });
  apps.push(app);
  return app;
}

async function login(app: TestApp): Promise<unknown> {
  return (await new Browser().follow(`${app.url}/login/openid`)).json();
}

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(() => {
  vi.useFakeTimers({ toFake: ['Date'] });
});
afterEach(async () => {
  vi.useRealTimers();
  provider.reset();
  provider.settings.idTokenAlg = 'RS256';
  await Promise.all(apps.splice(0).map((app) => app.close()));
});

describe('discovery (OpenID Connect Discovery §4, RFC 8414 §3)', () => {
  it('[A21] loads the metadata once for all who wait for it', async () => {
    const app = await start();
    provider.quirks.delay.metadata = 50;
    const client = app.client('openid');
    await Promise.all(
      Array.from({ length: 20 }, () => client.createAuthorizationUrl(`${app.url}/callback`)),
    );
    expect(provider.count('metadata')).toBe(1);
  });

  it('[A21] from the issuer alone', async () => {
    const app = await start({ serverMetadataUrl: undefined, issuer: provider.issuer });
    expect(await login(app)).toHaveProperty('userinfo');
  });

  it('[A21] works if only the URL of RFC 8414 exists', async () => {
    provider.on('metadata', ({ path }) =>
      path.includes('openid-configuration') ? { status: 404 } : undefined,
    );
    const app = await start({ serverMetadataUrl: undefined, issuer: provider.issuer });
    expect(await login(app)).toHaveProperty('userinfo');
  });

  it('[A21] not at all if the endpoints, the issuer and the keys are given by hand', async () => {
    const { keys } = (await (await fetch(`${provider.base}/jwks`)).json()) as { keys: [] };
    for (const by of [{ jwksUri: `${provider.base}/jwks` }, { jwks: { keys } }]) {
      const app = await startExpress({
        clients: {
          openid: plainClient(provider, { scope: 'openid', issuer: provider.issuer, ...by }),
        },
      });
      apps.push(app);
      expect(await login(app)).toMatchObject({ userinfo: { sub: 'user-1' } });
    }
    expect(provider.count('metadata')).toBe(0);
  });

  it('[A21] not at all if id_tokens are signed with the client secret', async () => {
    provider.settings.idTokenAlg = 'HS256';
    const app = await startExpress({
      clients: {
        openid: plainClient(provider, {
          scope: 'openid',
          issuer: provider.issuer,
          idTokenSignedResponseAlg: 'HS256',
        }),
      },
    });
    apps.push(app);
    expect(await login(app)).toMatchObject({ userinfo: { sub: 'user-1' } });
    expect(provider.count('metadata') + provider.count('jwks')).toBe(0);
  });

  it('[A21] by hand wins over the document', async () => {
    const app = await start({ accessTokenUrl: `${provider.base}/nowhere` });
    expect(await login(app)).toMatchObject({ code: 'provider_refused', providerStatus: 404 });
  });

  it.each([
    ['wrong-issuer', 'mismatching_issuer'],
    ['issuer-with-suffix', 'mismatching_issuer'],
    ['no-issuer', 'mismatching_issuer'],
    ['issuer-array', 'mismatching_issuer'],
    ['insecure-endpoints', 'insecure_transport'],
    ['script-endpoint', 'invalid_metadata'],
  ] as [MetadataQuirk, string][])(
    '[X4] %s stops the login before it starts (oidcc-client-test-discovery-issuer-mismatch)',
    async (quirk, code) => {
      provider.quirks.metadata = quirk;
      const app = await start();
      const visit = await new Browser().get(`${app.url}/login/openid`);
      expect(visit.json()).toMatchObject({ code, phase: 'metadata' });
      expect(visit.setCookies).toEqual([]);
      expect(provider.count('authorize')).toBe(0);
    },
  );

  it.each([
    ['wrong-issuer', 'mismatching_issuer'],
    ['script-endpoint', 'invalid_metadata'],
  ] as [MetadataQuirk, string][])(
    '[X4] %s is the fault of the provider, also if a callback meets it first (RFC 9110 §15.6.3)',
    async (quirk, code) => {
      const oauth = {
        stateStorage: 'cookie',
        secret: 'a secret of thirty-two characters',
      } as const;
      const [browser, one, restarted] = [
        new Browser(),
        await start({}, oauth),
        await start({}, oauth),
      ];
      const { location } = await browser.get(`${one.url}/login/openid`);
      const callback = (await browser.get(location ?? '')).location;
      provider.quirks.metadata = quirk;
      const begun = await browser.get(`${restarted.url}/login/openid`);
      const finished = await browser.get(`${restarted.url}/callback/openid${callback?.search}`);
      for (const visit of [begun, finished]) {
        expect([visit.status, visit.json()]).toMatchObject([502, { code, phase: 'metadata' }]);
      }
    },
  );

  it.each(
    [
      ['authorization_endpoint', 'token_endpoint', 'userinfo_endpoint', 'jwks_uri'],
      ['pushed_authorization_request_endpoint', 'revocation_endpoint', 'introspection_endpoint'],
      ['device_authorization_endpoint', 'backchannel_authentication_endpoint'],
      ['end_session_endpoint', 'registration_endpoint', 'mtls_endpoint_aliases'],
    ].flat(),
  )(
    '[X4] a remote document whose %s is on this machine or in a private network is refused (RFC 9700 §4.11)',
    async (field) => {
      const remote = 'https://id.example';
      const document = {
        issuer: remote,
        authorization_endpoint: `${remote}/authorize`,
        token_endpoint: `${remote}/token`,
        jwks_uri: `${remote}/jwks`,
      };
      const answer = { ...document };
      const fetch = vi.fn<typeof globalThis.fetch>(async () => Response.json(answer));
      const issuer = { serverMetadataUrl: undefined, issuer: remote };
      const good = await start(issuer, { fetch });
      expect((await new Browser().get(`${good.url}/login/openid`)).location?.origin).toBe(remote);
      const inHere = ['localhost:1', '127.0.0.1', '127.9.9.9', '[::1]', '2130706433'];
      const others = [
        '10.0.0.1',
        '169.254.169.254',
        '[fd00:ec2::254]',
        '[::ffff:a00:1]',
        '0.0.0.0',
      ];
      for (const host of [...inHere, ...others]) {
        const inside = `${inHere.includes(host) ? 'http' : 'https'}://${host}/inside`;
        const swapped = field === 'mtls_endpoint_aliases' ? { token_endpoint: inside } : inside;
        Object.assign(answer, document, { [field]: swapped });
        const app = await start(issuer, { fetch });
        const visit = await new Browser().get(`${app.url}/login/openid`);
        expect([host, visit.json()]).toMatchObject([host, { code: 'invalid_metadata' }]);
      }
      expect(provider.count()).toBe(0);
    },
  );

  it('[X4] a document of this machine reaches no other one in private networks, unless that is allowed', async () => {
    provider.quirks.metadata = { revocation_endpoint: 'https://192.168.0.1/revoke' };
    expect(await login(await start())).toMatchObject({ code: 'invalid_metadata' });
    const allowed = await start({ allowPrivateNetworks: true });
    expect(await login(allowed)).toHaveProperty('userinfo');
  });

  it('compares a configured issuer exactly, slash included', async () => {
    const app = await start({ issuer: `${provider.issuer}/` });
    expect(await login(app)).toMatchObject({ code: 'mismatching_issuer', phase: 'metadata' });
  });

  it.each([
    ['hang', 'timeout'],
    ['huge', 'response_too_large'],
    ['redirect-302', 'invalid_response'],
    ['html-500', 'provider_unavailable'],
    ['missing-404', 'provider_unavailable'],
    ['html-200', 'invalid_metadata'],
    ['array', 'invalid_metadata'],
  ] as [Fault, string][])('%s is %s', async (fault, code) => {
    provider.quirks.fault.metadata = fault;
    const app = await start({}, code === 'timeout' ? { timeout: 300 } : {});
    expect(await login(app)).toMatchObject({ code });
  });

  it('is not repeated at once after a failure, and not given up either', async () => {
    provider.quirks.fault.metadata = 'html-500';
    const app = await start();
    for (let i = 0; i < 3; i++) await login(app);
    expect(provider.count('metadata')).toBe(1);
    provider.quirks.fault = {};
    vi.setSystemTime(Date.now() + 5001);
    expect(await login(app)).toHaveProperty('userinfo');
  });

  it('is repeated after an hour', async () => {
    const app = await start();
    await login(app);
    vi.setSystemTime(Date.now() + 3_599_000);
    await app.client('openid').createAuthorizationUrl(app.url);
    expect(provider.count('metadata')).toBe(1);
    vi.setSystemTime(Date.now() + 2000);
    await app.client('openid').createAuthorizationUrl(app.url);
    expect(provider.count('metadata')).toBe(2);
  });

  it('goes on with what it knows while the provider cannot be asked', async () => {
    const app = await start();
    await login(app);
    vi.setSystemTime(Date.now() + 3_601_000);
    provider.quirks.fault.metadata = 'html-500';
    await app.client('openid').createAuthorizationUrl(app.url);
    await app.client('openid').createAuthorizationUrl(app.url);
    expect(provider.count('metadata')).toBe(2);
  });

  it('of one client does not hold up another', async () => {
    const app = await startExpress({
      clients: {
        down: { clientId: 'x', issuer: 'http://127.0.0.1:9', scope: 'openid' },
        openid: openidClient(provider),
      },
    });
    apps.push(app);
    const down = await new Browser().get(`${app.url}/login/down`);
    expect(down.json()).toMatchObject({ code: 'provider_unavailable', client: 'down' });
    expect(await login(app)).toHaveProperty('userinfo');
  });
});
