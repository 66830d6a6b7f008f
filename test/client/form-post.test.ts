import { connect } from 'node:net';
import type { RequestHandler } from 'express';
import { afterAll, afterEach, beforeAll, describe, expect, it, vi } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import {
  expresses,
  openidClient,
  startExpress,
  type TestApp,
  type TestAppOptions,
} from '../support/apps/express.js';

let provider: FakeProvider;
let app: TestApp;

const inFront = (url: URL): boolean => url.pathname.startsWith('/callback');

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(async () => {
  await app.close();
  provider.reset();
});

async function start(options: Partial<TestAppOptions> = {}): Promise<void> {
  const clients = {
    openid: openidClient(provider),
    posted: openidClient(provider, { responseMode: 'form_post' }),
  };
  app = await startExpress({ clients, ...options });
}

/** The form that the provider's page is about to submit. */
async function formOf(browser: Browser): Promise<{ url: string; form: URLSearchParams }> {
  const { pending } = await browser.follow(`${app.url}/login/posted`, { until: inFront });
  if (!pending?.form) throw new Error('There was no form.');
  return { url: pending.url.href, form: pending.form };
}

function codeOf(visit: Visit): unknown {
  return (visit.json() as { code?: unknown }).code;
}

type Parsers = Record<string, RequestHandler[]>;

const parsers = ({ json, raw, text, urlencoded }: (typeof expresses)[5]): Parsers => ({
  'no parser': [],
  'express.json()': [json()],
  'express.urlencoded({ extended: false })': [urlencoded({ extended: false })],
  'express.urlencoded({ extended: true })': [urlencoded({ extended: true })],
  'express.text({ type: "*/*" })': [text({ type: '*/*' })],
  'express.raw({ type: "*/*" })': [raw({ type: '*/*' })],
});

const behind = ([4, 5] as const).flatMap((version) =>
  Object.entries(parsers(expresses[version])).map(([name, before]) => ({
    name: `${name} of Express ${version}`,
    options: { express: version, before: before.length > 0 ? before : undefined },
  })),
);

describe.each(behind)('a form_post callback behind $name', ({ options }) => {
  const oauth = { stateStorage: 'cookie', secret: 'a secret of thirty-two characters' } as const;
  const behindParser = (): Promise<void> => start({ ...options, oauth } as TestAppOptions);

  it('[A22] finishes the login (OAuth 2.0 Form Post Response Mode)', async () => {
    await behindParser();
    const visit = await new Browser().follow(`${app.url}/login/posted`);
    expect([visit.request.method, visit.status]).toEqual(['POST', 200]);
  });

  it('[A22] refuses a repeated parameter (RFC 6749 §3.1)', async () => {
    await behindParser();
    const browser = new Browser();
    const { url, form } = await formOf(browser);
    form.append('code', 'another');
    const visit = await browser.post(url, form);
    expect([visit.status, codeOf(visit)]).toEqual([400, 'invalid_callback']);
    expect(provider.count('token')).toBe(0);
  });

  it('[A22] is not troubled by fields that a parser makes objects of', async () => {
    await behindParser();
    const browser = new Browser();
    const { url, form } = await formOf(browser);
    const bare = new URLSearchParams(form);
    const state = bare.get('state') ?? '';
    bare.delete('state');
    for (const name of ['state[toString]', 'state[a][b]', '__proto__[state]', 'state[0][length]']) {
      const visit = await browser.post(url, `${bare}&${new URLSearchParams({ [name]: state })}`);
      expect([name, visit.status, codeOf(visit)]).toEqual([name, 400, 'mismatching_state']);
    }
    const odd = 'x[toString]=y&x[valueOf]=z&constructor[prototype][a]=b&hasOwnProperty=1';
    expect((await browser.post(url, `${form}&${odd}`)).status).toBe(200);
  });
});

describe('a form_post callback', () => {
  it('is refused if a query was asked for, and a GET if a form_post was', async () => {
    await start();
    const browser = new Browser();
    const { pending } = await browser.follow(`${app.url}/login/openid`, { until: inFront });
    const callback = pending?.url as URL;
    const posted = await browser.post(callback.origin + callback.pathname, callback.searchParams);
    expect([posted.status, codeOf(posted)]).toEqual([400, 'invalid_callback']);
    const { url, form } = await formOf(browser);
    const got = await browser.get(`${url}?${form}`);
    expect([got.status, codeOf(got)]).toEqual([400, 'invalid_callback']);
    expect(provider.count('token')).toBe(0);
  });

  it('is limited to 64 KB', async () => {
    await start();
    const browser = new Browser();
    const { url, form } = await formOf(browser);
    const big = new URLSearchParams(form);
    big.set('filler', 'x'.repeat(65_536 - `${form}&filler=`.length + 1));
    expect(codeOf(await browser.post(url, big))).toBe('invalid_callback');
    big.set('filler', big.get('filler')?.slice(1) ?? '');
    expect((await browser.post(url, big)).status).toBe(200);
  });

  it.each([
    ['no parser', undefined],
    ['text', [expresses[5].text({ type: '*/*' })]],
    ['raw', [expresses[5].raw({ type: '*/*' })]],
  ])('is limited in bytes, not in characters: %s', async (_name, before) => {
    await start({ oauth: { limits: { formBytes: 1000 } }, before } as Partial<TestAppOptions>);
    const post = async (umlauts: number): Promise<unknown> => {
      const answer = await fetch(`${app.url}/callback/posted`, {
        method: 'POST',
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
        body: `state=x&filler=${'ü'.repeat(umlauts)}`,
      });
      return ((await answer.json()) as { code?: unknown }).code;
    };
    expect([await post(600), await post(400)]).toEqual(['invalid_callback', 'mismatching_state']);
  });

  it('of something else than a form is refused', async () => {
    await start();
    const browser = new Browser();
    const { url, form } = await formOf(browser);
    const headers = { 'content-type': 'application/json' };
    expect(codeOf(await browser.post(url, `${form}`, { headers }))).toBe('invalid_callback');
  });

  it.each([4, 5] as const)('that breaks off is refused on Express %i', async (version) => {
    await start({ express: version });
    const { hostname, port } = new URL(app.url);
    const socket = connect(Number(port), hostname);
    const type = 'application/x-www-form-urlencoded';
    socket.write(
      `POST /callback/posted HTTP/1.1\r\nhost: ${hostname}\r\ncontent-type: ${type}\r\n` +
        'content-length: 100\r\n\r\nstate=x&code=',
      () => setTimeout(() => socket.destroy(), 20),
    );
    await vi.waitFor(() => expect(app.errors).toHaveLength(1), 4000);
    expect(app.errors[0]).toMatchObject({ code: 'invalid_callback', client: 'posted' });
  });
});
