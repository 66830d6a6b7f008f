import { spawn } from 'node:child_process';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { buildExample, environment, folderOf } from './example-process.js';

let provider: FakeProvider;

beforeAll(async () => {
  buildExample({
    name: 'terminal',
    build: ['typescript/bin/tsc', '-p', 'tsconfig.build.json'],
    start: ['dist/main.js'],
    callback: '',
  });
  provider = await startProvider();
}, 300_000);
afterEach(() => provider.reset());
afterAll(() => provider?.close());

const redirectUri = 'http://localhost:3000/callback/corp';

/** What a person types who was shown an address. */
type Person = (address: string) => Promise<string>;

/** Goes to the address, and has what the browser's address line says afterwards. */
const comeBack: Person = async (address) =>
  (await fetch(address, { redirect: 'manual' })).headers.get('location') ?? '';

/** Goes to the address, and reads the code off the page. */
const readCode: Person = async (address) =>
  /<b>(.*)<\/b>/.exec(await (await fetch(address)).text())?.[1] ?? '';

function oauth1(): Record<string, string> {
  const { request, authorize, access, api } = provider.oauth1;
  return {
    CORP_REQUEST_TOKEN_URL: request,
    CORP_AUTHORIZE_URL: authorize,
    CORP_ACCESS_TOKEN_URL: access,
    CORP_API_BASE_URL: api,
  };
}

/** Runs the program, and answers its question once. */
async function run(env: Record<string, string>, person: Person) {
  const child = spawn(process.execPath, ['dist/main.js'], {
    cwd: folderOf('terminal'),
    env: {
      ...environment,
      CORP_CLIENT_ID: provider.settings.clientId,
      CORP_CLIENT_SECRET: provider.settings.clientSecret,
      ...env,
    },
  });
  let printed = '';
  let asked = false;
  const read = (chunk: Buffer): void => {
    printed += chunk.toString();
    const [address] = /^http.*$/m.exec(printed) ?? [];
    if (asked || address === undefined || !printed.endsWith(': ')) return;
    asked = true;
    void person(address).then((typed) => child.stdin.end(`${typed}\n`));
  };
  child.stdout.on('data', read);
  child.stderr.on('data', read);
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { status, printed };
}

describe('examples/terminal', () => {
  test('[R4] logs in with OAuth 1.0a by a code, and calls the API (RFC 5849 §2.1)', async () => {
    const { status, printed } = await run(oauth1(), readCode);
    expect(printed).toContain('The API responds with 200');
    expect(printed).toContain('"sub":"user-1"');
    expect(status).toBe(0);
    expect(provider.requests.map(({ endpoint }) => endpoint)).toEqual([
      'oauth1_request',
      'oauth1_authorize',
      'oauth1_access',
      'oauth1_api',
    ]);
  });

  test('[R4] logs in with OAuth 1.0a by the pasted URL', async () => {
    const { status, printed } = await run({ ...oauth1(), REDIRECT_URI: redirectUri }, comeBack);
    expect(printed).toContain('The API responds with 200');
    expect(status).toBe(0);
  });

  test('[R4] logs in with OpenID Connect by the pasted URL', async () => {
    const env = {
      CORP_SERVER_METADATA_URL: provider.metadataUrl,
      CORP_API_BASE_URL: `${provider.base}/api`,
    };
    const { status, printed } = await run(env, comeBack);
    expect(printed).toContain('The API responds with 200');
    expect(status).toBe(0);
  });

  test('[R4] says what is wrong with what was typed, and shows no secret', async () => {
    const env = { ...oauth1(), REDIRECT_URI: redirectUri };
    const { status, printed } = await run(env, async () => 'https://elsewhere.example/?a=1');
    expect(printed).toContain('mismatching_state: ');
    expect(status).toBe(1);
    for (const { secret } of provider.requestTokens.values()) expect(printed).not.toContain(secret);
    expect(printed).not.toContain(provider.settings.clientSecret);
  });
});
