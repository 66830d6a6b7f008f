import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { startWorker, type RunningWorker } from '../runtimes/workerd.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

describe.each([[[]], [['nodejs_compat']]])('Cloudflare Workers, with the flags %j', (flags) => {
  let worker: RunningWorker;

  beforeAll(async () => {
    const { clientId, clientSecret } = provider.settings;
    const { metadataUrl, issuer, oauth1 } = provider;
    const described = {
      metadataUrl,
      issuer,
      clientId,
      clientSecret,
      oauth1: {
        requestTokenUrl: oauth1.request,
        authorizeUrl: oauth1.authorize,
        accessTokenUrl: oauth1.access,
      },
      oauth1Api: oauth1.api,
    };
    const define = { testProvider: JSON.stringify(described) };
    worker = await startWorker('worker.ts', { define, packages: 'sources' }, flags);
  }, 120_000);
  afterAll(() => worker.close());

  async function login(name: string) {
    const browser = new Browser();
    const end = await browser.follow(`${worker.url}/login/${name}`);
    expect(end.text()).not.toContain('error');
    expect(end.status).toBe(200);
    return { browser, body: end.json() as { sub: string | null } };
  }

  it('logs in with OpenID Connect, pending logins in encrypted cookies', async () => {
    const { body } = await login('corp');
    expect(body.sub).toBe('user-1');
  });

  it('refreshes an expired token before it calls the API', async () => {
    const { browser } = await login('corp');
    await browser.get(`${worker.url}/expire/corp`);
    const before = provider.count('token');
    const answer = await browser.get(`${worker.url}/api/corp`);
    expect(answer.status).toBe(200);
    expect(provider.count('token')).toBe(before + 1);
  });

  it('logs in with OAuth 1.0a and signs calls', async () => {
    const { browser } = await login('old');
    const answer = await browser.get(`${worker.url}/api/old`);
    expect(answer.text()).not.toContain('error');
    expect(answer.status).toBe(200);
  });

  it('asks the servers of clients that are found out at run time', async () => {
    const answer = await new Browser().get(`${worker.url}/login/found`);
    expect(answer.text()).toContain('RFC 9728 §3');
    expect(provider.requests.map(({ url }) => new URL(url).pathname)).toContain('/mcp');
  });
});
