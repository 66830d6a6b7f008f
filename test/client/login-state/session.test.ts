import { describe, expect } from 'vitest';
import { it } from '../../support/fixtures.js';

describe('the session', () => {
  it('missing is an error that shows the line to add', async ({ startApp, browser }) => {
    const app = await startApp({ session: false });
    const visit = await browser.get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining('app.use(session(') as string,
    });
  });

  it('[A8] is saved before the redirect is sent', async ({ startApp, browser }) => {
    const { MemoryStore } = (await import('express-session')).default;
    const store = new MemoryStore();
    const set = store.set.bind(store);
    let saved = 0;
    store.set = (sid, data, done) => {
      setTimeout(() => {
        saved += 1;
        set(sid, data, done);
      }, 100);
    };
    const app = await startApp({ session: { store } as never });
    const visit = await browser.get(`${app.url}/login/openid`);
    expect(visit.status).toBe(302);
    expect(saved).toBeGreaterThan(0);
  });

  it('[A8] that cannot be saved starts no login', async ({ startApp, browser }) => {
    const { MemoryStore } = (await import('express-session')).default;
    const store = new MemoryStore();
    store.set = (_sid, _data, done) => done?.(new Error('canary: the disk is full'));
    const app = await startApp({ session: { store } as never });
    const visit = await browser.get(`${app.url}/login/openid`);
    expect(visit.status).toBe(500);
    expect(visit.location).toBeUndefined();
    expect(app.errors[0]).toMatchObject({ code: 'storage_failed' });
  });

  it('with a secure cookie over http is an error instead of silence', async ({
    startApp,
    browser,
  }) => {
    const app = await startApp({ session: { cookie: { secure: true } } as never });
    const visit = await browser.get(`${app.url}/login/openid`);
    expect(visit.json()).toMatchObject({
      code: 'missing_session',
      message: expect.stringContaining('trust proxy') as string,
    });
  });

  it('[A8] stays bounded over many logins of one browser', async ({ app, browser }) => {
    for (let i = 0; i < 60; i++) await browser.get(`${app.url}/login/plain`);
    const visit = await browser.follow(`${app.url}/login/plain`);
    expect(visit.status).toBe(200);
  });
});
