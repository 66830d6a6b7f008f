import { describe, expect, it } from 'vitest';
import { Browser } from '../support/browser.js';
import type { CallbackQuirk } from '../support/provider/index.js';
import {
  app,
  callbackOf,
  codeOf,
  provider,
  shareProviders,
} from '../support/apps/two-providers.js';

shareProviders();

describe('parameters (RFC 6749 §3.1)', () => {
  it.each([
    'code-duplicated',
    'iss-duplicated',
    'error-duplicated',
    'code-absent',
    'code-empty',
    'id-token-in-query',
    'access-token-in-query',
    'response-in-query',
  ] satisfies CallbackQuirk[])('%s is refused', async (quirk) => {
    provider.quirks.callback = quirk;
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect([visit.status, codeOf(visit)]).toEqual([400, 'invalid_callback']);
    expect(provider.count('token')).toBe(0);
  });

  it.each(['extra-params', 'token-in-query'] satisfies CallbackQuirk[])(
    'that no specification knows do no harm: %s (§4.1.2)',
    async (quirk) => {
      provider.quirks.callback = quirk;
      expect((await new Browser().follow(`${app.url}/login/openid`)).status).toBe(200);
    },
  );

  it('state is checked first, then error: an error from nowhere is no error page', async () => {
    const victim = new Browser();
    const planted = `${app.url}/callback/openid?error=access_denied&error_description=Call+us`;
    expect(codeOf(await victim.get(planted))).toBe('mismatching_state');
    for (const quirk of ['error-without-state', 'error-with-wrong-state'] as const) {
      provider.quirks.callback = quirk;
      const visit = await new Browser().follow(`${app.url}/login/openid`);
      expect(codeOf(visit)).toBe('mismatching_state');
    }
  });

  it('an error wins over a code', async () => {
    provider.quirks.callback = 'code-and-error';
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect([visit.status, codeOf(visit)]).toEqual([403, 'access_denied']);
    expect(provider.count('token')).toBe(0);
  });

  it('the provider’s words are properties, never message or JSON (CVE-2021-32702)', async () => {
    provider.quirks.callback = 'error-with-html';
    const visit = await new Browser().follow(`${app.url}/login/openid`);
    expect(codeOf(visit)).toBe('provider_refused');
    expect(visit.text()).not.toMatch(/<script|onerror|javascript:/);
    expect(app.errors.at(-1)).toMatchObject({
      error: '<script>alert(1)</script>',
      error_description: '<img src=x onerror=alert(2)>',
    });
  });
});

describe('OAuth 1.0a callbacks (RFC 5849 §2.2)', () => {
  it.each([
    ['denied', 'access_denied'],
    ['user-refused', 'access_denied'],
    ['foreign-token', 'mismatching_state'],
    ['empty-token', 'mismatching_state'],
    ['no-token', 'mismatching_state'],
    ['duplicated-token', 'mismatching_state'],
    ['no-verifier', 'invalid_callback'],
    ['empty-verifier', 'invalid_callback'],
    ['duplicated-verifier', 'invalid_callback'],
  ] as const)('[A5] %s is %s', async (quirk, code) => {
    provider.quirks.oauth1Callback = quirk;
    const visit = await new Browser().follow(`${app.url}/login/one`);
    expect(codeOf(visit)).toBe(code);
    expect(provider.count('oauth1_access')).toBe(0);
  });

  it('is called what it is when it is loaded again: used before', async () => {
    for (const client of ['one', 'openid']) {
      const browser = new Browser();
      const callback = await callbackOf(browser, client);
      await browser.get(callback);
      await browser.get(callback);
      expect(String(app.errors.at(-1))).toContain('was used before');
      expect(String(app.errors.at(-1))).not.toContain('no cookie');
    }
  });

  it('[A5] works once', async () => {
    const browser = new Browser();
    const callback = await callbackOf(browser, 'one');
    expect((await browser.get(callback)).status).toBe(200);
    expect(codeOf(await browser.get(callback))).toBe('mismatching_state');
    expect(provider.count('oauth1_access')).toBe(1);
  });

  it('[A5] refuses the attacker’s request token in another browser (session fixation, 2009.1)', async () => {
    const callback = await callbackOf(new Browser(), 'one');
    expect(codeOf(await new Browser().get(callback))).toBe('mismatching_state');
    expect(provider.count('oauth1_access')).toBe(0);
  });
});
