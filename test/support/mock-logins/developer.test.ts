import { request as send } from 'node:http';
import { OAuth } from '@oauth-registry/core';
import { afterEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { onExpress } from '../apps/routes.js';
import { Browser, type Visit } from '../browser.js';
import { developer, type DeveloperOptions } from './developer.js';

afterEach(() => {
  vi.unstubAllEnvs();
});

/** Starts a login in an application, up to the form. */
async function start(options?: DeveloperOptions) {
  const app = await onExpress({ clients: { developer: developer(options) } });
  onTestFinished(() => app.close());
  const browser = new Browser();
  const form = await browser.follow(`${app.url}/auth/login/developer?returnTo=/shop`);
  return { app, browser, form };
}

/** Submits the form as a browser does. */
async function submit(
  browser: Browser,
  form: Visit,
  fields: Record<string, string>,
): Promise<Visit> {
  const { origin } = form.url;
  const sent = await browser.post(form.url.href, fields, { from: form.url, headers: { origin } });
  return sent.location ? await browser.follow(sent.location.href) : sent;
}

describe('the login form of developer()', () => {
  it('logs in the user that is typed, with OpenID Connect', async () => {
    const { app, browser, form } = await start();
    expect(form.status).toBe(200);
    expect(form.text()).toContain('<label for="email">');
    const visit = await submit(browser, form, {
      sub: 'ada',
      name: 'Ada',
      email: 'ada@example.com',
    });
    expect(visit.url.pathname).toBe('/shop');
    const user = { sub: 'ada', name: 'Ada', email: 'ada@example.com', email_verified: true };
    expect(app.logins).toMatchObject([{ client: 'developer', user }]);
  });

  it('leaves out the claims that are empty', async () => {
    const { app, browser, form } = await start({ fields: ['sub', 'name', 'groups'] });
    await submit(browser, form, { sub: 'ada', name: '', groups: 'admin' });
    const { user } = app.logins[0] ?? {};
    expect(user).toMatchObject({ sub: 'ada', groups: 'admin' });
    expect(user).not.toHaveProperty('name');
    expect(user).not.toHaveProperty('email_verified');
  });

  it('denies access', async () => {
    const { app, browser, form } = await start();
    await submit(browser, form, { deny: '1' });
    expect(app.failures).toMatchObject([{ error: { code: 'access_denied' } }]);
  });

  it('shows no markup of the URL', async () => {
    const { form } = await start();
    const url = new URL(form.url);
    url.searchParams.set('login_hint', '"><script>');
    const text = (await new Browser().get(url.href)).text();
    expect(text).toContain('value="&#34;&#62;&#60;script&#62;"');
    expect(text).not.toContain('<script');
  });

  it('is served at 127.0.0.1 only, not at other IP addresses of the machine', async () => {
    const { form } = await start();
    expect(form.url.hostname).toBe('127.0.0.1');
    const url = new URL(form.url);
    url.hostname = '127.0.0.2';
    await expect(fetch(url)).rejects.toThrow();
  });

  it('responds to no other host name (DNS rebinding), and to no form of another site', async () => {
    const { browser, form } = await start();
    const { port, search } = form.url;
    const status = await new Promise((resolve, reject) => {
      const headers = { host: `rebound.example:${port}` };
      send({ host: '127.0.0.1', port, path: `/${search}`, headers }, (response) => {
        response.resume();
        resolve(response.statusCode);
      })
        .on('error', reject)
        .end();
    });
    expect(status).toBe(403);
    const headers = { origin: 'https://other.example' };
    expect((await browser.post(form.url.href, { sub: 'ada' }, { headers })).status).toBe(403);
  });

  it('redirects to no other machine', async () => {
    const { browser, form } = await start();
    const url = new URL(form.url);
    url.searchParams.set('redirect_uri', 'https://app.example/callback');
    const visit = await browser.get(url.href);
    expect([visit.status, visit.text()]).toEqual([400, expect.stringContaining('redirect URI')]);
  });

  it('exchanges a code once, with the code verifier', async () => {
    const oauth = new OAuth({ config: {} }).register('developer', developer());
    const request = await oauth.developer.createAuthorizationUrl('http://localhost:3000/callback');
    const form = await new Browser().get(request.url);
    const { origin } = form.url;
    const post = () => new Browser().post(form.url.href, { sub: 'a' }, { headers: { origin } });
    const [one, two] = [(await post()).location?.href ?? '', (await post()).location?.href ?? ''];
    const codeVerifier = 'x'.repeat(43);
    await expect(
      oauth.developer.fetchAccessToken(one, { ...request, codeVerifier }),
    ).rejects.toMatchObject({
      code: 'invalid_grant',
    });
    const token = await oauth.developer.fetchAccessToken(two, request);
    expect(await oauth.developer.userinfo({ token })).toMatchObject({ sub: 'a' });
    await expect(oauth.developer.fetchAccessToken(two, request)).rejects.toMatchObject({
      code: 'invalid_grant',
    });
    await expect(
      oauth.developer.userinfo({ token: { ...token, access_token: 'another' } }),
    ).rejects.toMatchObject({ code: 'invalid_token' });
  });
});

describe('developer()', () => {
  it('throws in production, unless OAUTH_TEST_MODE is 1', () => {
    vi.stubEnv('NODE_ENV', 'production');
    expect(() => developer()).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    vi.stubEnv('OAUTH_TEST_MODE', '1');
    expect(developer()).toMatchObject({ displayName: 'Developer' });
  });

  it('rejects fields without a subject', () => {
    expect(() => developer({ fields: ['name'] })).toThrow('fields');
    expect(() => developer({ fields: ['sub', '"'] })).toThrow('fields');
  });
});
