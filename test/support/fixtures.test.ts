import { describe, expect } from 'vitest';
import { it, itWith } from './fixtures.js';

const itPlain = itWith({ openid: false });
let before: unknown;

describe('the fixtures of a test', () => {
  it('give a provider, an application and a browser that work together', async ({
    app,
    browser,
    provider,
  }) => {
    const visit = await browser.follow(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({ token_type: 'Bearer' });
    expect(app.tokens).toHaveLength(1);
    before = provider;
    provider.settings.openid = false;
    provider.settings.offers.push('par');
  });

  it('share the provider, whose changes end with the test', async ({ provider }) => {
    expect(provider).toBe(before);
    expect(provider.settings.openid).toBe(true);
    expect(provider.settings.offers).toEqual([]);
    expect(provider.count()).toBe(0);
  });

  itPlain('start a provider with the settings asked for', ({ provider }) => {
    expect(provider).not.toBe(before);
    expect(provider.settings.openid).toBe(false);
  });
});
