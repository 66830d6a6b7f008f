import { atprotoLoopbackClientId, bluesky, indieauth } from '@oauth-registry/core/providers';
import { afterEach, describe, expect, it } from 'vitest';
import { ada, startAtproto } from '../providers/atproto/world.js';
import { Browser, type Visit } from '../support/browser.js';
import type { Hosts } from '../support/hosts.js';
import { startIndieAuth } from '../providers/indieauth/world.js';
import { frameworks } from '../support/apps/routes.js';

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  await Promise.all(closing.splice(0).map((one) => one.close()));
});

/** The person agrees at their own server, which is no server of this machine. */
async function agree(hosts: Hosts, { location }: Visit): Promise<string> {
  const answer = await hosts.fetch(location ?? '', { redirect: 'manual' });
  return answer.headers.get('location') ?? '';
}

describe.each(Object.entries(frameworks))('the drop-in routes on %s', (_name, open) => {
  it('[D8] ask for a handle, and log its owner in', async () => {
    const world = await startAtproto();
    closing.push(world);
    const clientId = atprotoLoopbackClientId('http://127.0.0.1/auth/callback/bluesky');
    const { fetch } = world.hosts;
    const app = await open({ clients: { bluesky: bluesky({ clientId }) }, oauth: { fetch } });
    closing.push(app);
    const browser = new Browser();
    const page = await browser.get(`${app.url}/auth/login`);
    expect(page.text()).toMatch(/name="handle"[^>]*value="https:\/\/bsky\.social"/s);

    const started = await browser.get(`${app.url}/auth/login/bluesky?handle=@ada.test`);
    expect(started.location?.host).toBe('entry.test');
    expect((await browser.get(await agree(world.hosts, started))).status).toBe(302);
    expect(app.logins[0]).toMatchObject({
      user: { sub: ada },
      token: { server: { did: ada, handle: 'ada.test' } },
    });

    const refused = await browser.get(`${app.url}/auth/login/bluesky?handle=nobody.test`);
    expect(refused.status).toBe(400);
    expect(refused.text()).toContain('You cannot sign in with what you entered.');
    expect(app.failures[0]?.error.code).toBe('invalid_server');
  });

  it('[D8] ask for a home page, and log its owner in', async () => {
    const world = await startIndieAuth();
    closing.push(world);
    const { fetch } = world.hosts;
    const clients = { indieauth: indieauth({ clientId: 'http://127.0.0.1/' }) };
    const app = await open({ clients, oauth: { fetch } });
    closing.push(app);
    const browser = new Browser();
    const page = await browser.get(`${app.url}/auth/login/indieauth`);
    expect(page.text()).toContain('name="me"');

    const started = await browser.get(`${app.url}/auth/login/indieauth?me=ada.test`);
    expect(started.location?.host).toBe('auth.test');
    expect((await browser.get(await agree(world.hosts, started))).status).toBe(302);
    expect(app.logins[0]?.user?.sub).toBe('https://ada.test/');
  });
});
