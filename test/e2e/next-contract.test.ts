import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { standardClients } from '../contract/clients.js';
import { describeContract } from '../contract/describe.js';
import { startNext } from '../contract/next.js';
import type { ContractApp } from '../contract/types.js';

const next = await startNext();
afterAll(() => next.close());

describeContract([next.adapter('App'), next.adapter('Pages')]);

describe('what only Next.js has', () => {
  let provider: FakeProvider;
  let app: ContractApp;
  let browser: Browser;

  beforeEach(async () => {
    provider = await startProvider();
    app = await next.adapter('App').start({ clients: standardClients(provider, provider) });
    browser = new Browser();
  });
  afterEach(async () => {
    await app.close();
    await provider.close();
  });

  /** The address of a page of the fixture that uses the application's registry. */
  const pageOf = (kind: string, what: string): string =>
    `${app.url.replace('/app/', `/${kind}/`)}/${what}`;

  /** Submits the form of a Server Action as a browser without JavaScript does; goes to the provider. */
  async function submit(client: string): Promise<URL> {
    const url = new URL(pageOf('action', client));
    const fields = (await browser.get(url)).text().matchAll(/<input type="hidden"([^>]*)>/g);
    const body = new FormData();
    for (const [, field = ''] of fields) {
      const value = /value="([^"]*)"/.exec(field)?.[1]?.replaceAll('&quot;', '"') ?? '';
      body.append(/name="([^"]*)"/.exec(field)?.[1] ?? '', value);
    }
    const headers = { origin: url.origin };
    const answer = await fetch(url, { method: 'POST', body, headers, redirect: 'manual' });
    browser.jar.store(url, answer.headers.getSetCookie());
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([
      303,
      [expect.stringMatching(/; HttpOnly; SameSite=lax$/i)],
    ]);
    return new URL(answer.headers.get('location') ?? '');
  }

  it.each(['openid', 'plain', 'one'])(
    '[A8] a Server Action starts a login with "%s", whose callback works once',
    async (client) => {
      const callback = (await browser.get(await submit(client))).location ?? '';

      expect((await browser.get(callback)).status).toBe(200);
      expect((await browser.get(callback)).json()).toMatchObject({ code: 'mismatching_state' });
      expect((await browser.get(`${app.url}/me`)).json()).toEqual({ client });
    },
  );

  it('[X2] twenty logins of Server Actions at once all finish', async () => {
    const starts = await Promise.all(Array.from({ length: 20 }, () => submit('openid')));
    const ends = await Promise.all(starts.toReversed().map((start) => browser.follow(start)));

    expect(ends.map(({ status }) => status)).toEqual(ends.map(() => 200));
  });

  it('another browser cannot finish the login of a Server Action (RFC 6749 §10.12)', async () => {
    const callback = (await browser.get(await submit('openid'))).location ?? '';

    expect((await new Browser().get(callback)).json()).toMatchObject({ code: 'mismatching_state' });
  });

  it.each(['authorizeAction', 'setSession', 'clearSession'])(
    'while a page renders, %s fails and says where to do it',
    async (verb) => {
      await browser.get(`${app.url}/remember/word`);
      const visit = await browser.get(pageOf('render', verb));

      expect(visit.text()).toContain('storage_failed: Next.js cannot set cookies while it renders');
      expect(visit.text()).toContain('in a Route Handler or a Server Action');
      expect(visit.setCookies).toEqual([]);
      expect((await browser.get(`${app.url}/me`)).json()).toEqual({ word: 'word' });
    },
  );

  it('while a page renders, a token of the session is not refreshed, and the error says where it is (RFC 9700 §4.14.2)', async () => {
    provider.settings.expiresIn = 2;
    await browser.follow(`${app.url}/login/plain`);
    provider.requests.length = 0;
    // Good for another second, it is used as it is.
    expect((await browser.get(pageOf('render', 'get'))).text()).toContain('Nothing failed.');
    await new Promise((resolve) => setTimeout(resolve, 2100));
    const visit = await browser.get(pageOf('render', 'get'));
    expect(visit.text()).toContain(
      'storage_failed: The token is in a session that can no longer be',
    );
    expect(visit.text()).toContain('in a Route Handler or a Server Action');
    expect(provider.count('token')).toBe(0);
    // There the very same refresh token is good.
    expect((await browser.get(`${app.url}/call/plain`)).status).toBe(200);
    expect(provider.count('token')).toBe(1);
  });

  it('while a page renders, getSession works', async () => {
    expect((await browser.get(pageOf('render', 'getSession'))).text()).toContain('Nothing failed.');
  });
});
