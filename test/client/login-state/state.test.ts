import { describe, expect, it } from 'vitest';
import { Browser } from '../../support/browser.js';
import type { CallbackQuirk } from '../../support/provider/index.js';
import { openidClient, startExpress } from '../../support/apps/express.js';
import {
  app,
  callbackOf,
  codeOf,
  other,
  provider,
  shareProviders,
} from '../../support/apps/two-providers.js';

shareProviders();

describe('state (RFC 6749 §10.12)', () => {
  it('[X4] refuses a callback in a browser that started nothing: login CSRF, code injection', async () => {
    const callback = await callbackOf(new Browser());
    const victim = new Browser();
    const visit = await victim.get(callback);
    expect([visit.status, codeOf(visit)]).toEqual([400, 'mismatching_state']);
    expect(visit.setCookies).toEqual([]);
    expect(provider.count('token')).toBe(0);
  });

  it('refuses it in a browser that started another login, whose own still works', async () => {
    const victim = new Browser();
    const own = await callbackOf(victim);
    const attackers = await callbackOf(new Browser());
    expect(codeOf(await victim.get(attackers))).toBe('mismatching_state');
    expect((await victim.get(own)).status).toBe(200);
    expect(provider.count('token')).toBe(1);
  });

  it('works once: a replay is refused, without a second token request', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    expect((await browser.get(callback)).status).toBe(200);
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
    expect(provider.count('token')).toBe(1);
  });

  it('works once, also for two callbacks at the same moment', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    const visits = await Promise.all([browser.get(callback), browser.get(callback)]);
    expect(visits.map(({ status }) => status).toSorted()).toEqual([200, 400]);
    expect(provider.count('token')).toBe(1);
  });

  it('is spent by a failure, too', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser);
    provider.quirks.tokenResponse = 'error-400';
    expect(codeOf(await browser.get(callback))).toBe('invalid_grant');
    provider.quirks.tokenResponse = undefined;
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
    expect(provider.count('token')).toBe(1);
  });

  it('of an error response is spent as well', async () => {
    provider.quirks.callback = 'error';
    const browser = new Browser();
    const callback = await callbackOf(browser);
    expect(codeOf(await browser.get(callback))).toBe('access_denied');
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
  });

  it.each([
    'state-wrong',
    'state-absent',
    'state-empty',
    'state-duplicated',
    'state-array',
    'state-long',
  ] satisfies CallbackQuirk[])('%s is refused', async (quirk) => {
    provider.quirks.callback = quirk;
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect([visit.status, codeOf(visit)]).toEqual([400, 'mismatching_state']);
    expect(provider.count('token')).toBe(0);
  });

  it('explains a callback without any cookie', async () => {
    const visit = await new Browser().get(await callbackOf(new Browser()));
    expect((visit.json() as { message: string }).message).toMatch(/no cookie.*localhost/);
  });
});

describe('mix-up (RFC 9700 §4.4, RFC 9207)', () => {
  it('refuses a login of one client at the callback of another, before any request', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser, 'openid');
    callback.pathname = '/callback/other';
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
    expect(other.count()).toBe(0);
    expect(provider.count('token')).toBe(0);
  });

  it('refuses an OAuth 2 login at an OAuth 1 callback, and the other way round', async () => {
    const browser = new Browser();
    const two = await callbackOf(browser, 'openid');
    const state = two.searchParams.get('state') ?? '';
    const asOne = `${app.url}/callback/one?oauth_token=${state}&oauth_verifier=v`;
    expect(codeOf(await browser.get(asOne))).toBe('mismatching_state');
    const one = await callbackOf(browser, 'one');
    const asTwo = `${app.url}/callback/openid?state=${one.searchParams.get('oauth_token')}&code=c`;
    expect(codeOf(await browser.get(asTwo))).toBe('mismatching_state');
    expect(provider.count('token') + provider.count('oauth1_access')).toBe(0);
  });

  it.each([
    'iss-wrong',
    'iss-trailing-slash',
    'iss-absent',
    'iss-empty',
    'error-with-wrong-iss',
  ] satisfies CallbackQuirk[])('%s is refused if the issuer is known', async (quirk) => {
    provider.quirks.callback = quirk;
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect([visit.status, codeOf(visit)]).toEqual([400, 'mismatching_issuer']);
    expect(provider.count('token')).toBe(0);
  });

  it('an issuer given by hand is compared too', async () => {
    provider.settings.openid = false;
    provider.quirks.callback = 'iss-wrong';
    const visit = await new Browser().follow(`${app.url}/login/known`);
    provider.settings.openid = true;
    expect(codeOf(visit)).toBe('mismatching_issuer');
  });

  it('an iss that cannot be compared is ignored', async () => {
    provider.settings.openid = false;
    provider.quirks.callback = 'iss-wrong';
    const visit = await new Browser().follow(`${app.url}/login/plain`);
    provider.settings.openid = true;
    expect(visit.status).toBe(200);
  });

  it('an absent iss is accepted if the metadata promises none', async () => {
    provider.settings.issParameter = false;
    provider.quirks.metadata = 'no-iss-parameter';
    const fresh = await startExpress({ clients: { openid: openidClient(provider) } });
    const visit = await new Browser().follow(`${fresh.url}/login/openid`);
    await fresh.close();
    expect(visit.status).toBe(200);
  });
});
