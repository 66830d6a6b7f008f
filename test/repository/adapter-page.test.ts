import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, Server } from 'node:http';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { root, samplesOf } from './docs-samples.js';

const folder = join(root, 'test/.samples/adapter-page');
let provider: FakeProvider;
const servers: Server[] = [];
const { listen } = Server.prototype;

beforeAll(async () => {
  provider = await startProvider();
  mkdirSync(folder, { recursive: true });
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});
afterAll(async () => {
  for (const server of servers) server.close();
  rmSync(folder, { recursive: true, force: true });
  await provider.close();
});

it('[R10] the adapter of docs/writing-an-adapter.md logs in, by its methods and its routes', async () => {
  const probe = createServer();
  const port = await new Promise<number>((resolve) => {
    probe.listen(0, 'localhost', () => resolve(Object(probe.address()).port as number));
  });
  await new Promise((resolve) => probe.close(resolve));
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    servers.push(this);
    return listen.apply(this, args as never);
  });
  const log = vi.spyOn(console, 'log').mockReturnValue();
  vi.stubEnv('CORP_CLIENT_ID', provider.settings.clientId);
  vi.stubEnv('CORP_CLIENT_SECRET', provider.settings.clientSecret);
  vi.stubEnv('SESSION_SECRET', 'thirty-two characters of secret!');
  const samples = samplesOf('docs/writing-an-adapter.md', {});
  expect(samples).toHaveLength(2);
  for (const { file, code } of samples) {
    const text = code
      .replaceAll('3000', String(port))
      .replace('https://id.corp.example', provider.issuer);
    writeFileSync(join(folder, file.split('/').at(-1) ?? ''), text);
  }
  await import(pathToFileURL(join(folder, 'app.ts')).href);
  const url = `http://localhost:${port}`;
  const page = await new Browser().follow(`${url}/login`);
  expect(page.json()).toMatchObject({ sub: 'user-1' });
  await new Browser().follow(`${url}/auth/login/corp`);
  expect(log).toHaveBeenCalledWith('user-1');
  const missing = await new Browser().get(`${url}/nowhere`);
  expect(missing.status).toBe(404);
});
