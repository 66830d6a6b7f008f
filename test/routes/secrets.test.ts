import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { start as startCommand } from '../cli/terminal.js';
import { openidClient } from '../support/apps/express.js';
import { appSecrets, leaks, listenToOutput, secretsOf, textsOfVisit } from '../support/canaries.js';
import { startProvider, type FakeProvider, type Quirks } from '../support/provider/index.js';
import { onExpress, type RoutesApp } from '../support/apps/routes.js';

let provider: FakeProvider;
let printed: () => string;

beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
});
afterAll(() => provider.close());
beforeEach(() => {
  printed = listenToOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  provider.reset();
});

const failures: [string, Partial<Quirks>][] = [
  ['a token endpoint that refuses', { fault: { token: 'text-400' } }],
  ['a token endpoint that is down', { fault: { token: 'reset' } }],
  ['a token of another type', { tokenResponse: 'mac-token-type' }],
  ['an id_token that is wrong', { idTokenFault: true } as never],
  ['keys that cannot be had', { fault: { jwks: 'json-500' } }],
  [
    'a refusal in words',
    {
      callback: ({ params }) => {
        params.delete('code');
        params.set('error', 'canary_error');
        params.set('error_description', 'canary description');
      },
    },
  ],
];

/** All secrets but the words that a page of HTML has anyway. */
function secrets(browser: Browser, shown: string[] = []): string[] {
  const all = secretsOf(provider, browser, []);
  return all.filter((one) => !one.startsWith('<') && !shown.includes(one));
}

function spoil(quirks: Partial<Quirks>): void {
  if ('idTokenFault' in quirks) {
    provider.idToken = ({ claims, sign }) => sign({ ...claims, sub: 7, email: 'canary' });
  } else Object.assign(provider.quirks, quirks);
}

describe.each(failures)('%s', (_title, quirks) => {
  let app: RoutesApp;
  afterEach(() => app?.close());

  it('[X4] makes a page that says nothing secret', async () => {
    app = await onExpress({ clients: { corp: openidClient(provider) } });
    const browser = new Browser();
    spoil(quirks);
    const visit = await browser.follow(`${app.url}/auth/login/corp`);
    expect(visit.status).toBeGreaterThanOrEqual(400);
    const texts = { ...textsOfVisit(visit), printed: printed() };
    expect(leaks(texts, secrets(browser))).toEqual([]);
  });

  it('[X4] makes the command line say nothing secret', async () => {
    const { clientId, clientSecret } = provider.settings;
    const env = { CLI_CLIENT_ID: clientId, CLI_CLIENT_SECRET: clientSecret };
    const session = startCommand(['login', provider.issuer], env);
    const url = await session.find(/^ {2}(http\S+)$/m);
    spoil(quirks);
    await new Browser().follow(url);
    expect(await session.code).toBe(1);
    const { searchParams } = new URL(url);
    const shown = ['state', 'nonce'].map((name) => searchParams.get(name) ?? '');
    const texts = { command: session.printed(), printed: printed() };
    expect(leaks(texts, secrets(new Browser(), shown))).toEqual([]);
  });
});
