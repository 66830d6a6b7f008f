import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterAll, afterEach, beforeAll, expect, it, vi } from 'vitest';
import { root, samplesOf } from './docs-samples.js';

/** What a sample passes to `test()` of node:test. */
type Registered = [title: string, run: () => unknown];

const folder = join(root, 'test/.testing-page');
const samples = samplesOf('docs/testing.md', {}).map(({ at, file, code }) => ({
  at,
  path: join(folder, file.split('/').at(-1) ?? ''),
  code,
}));
const collect =
  'const test = (...given: unknown[]) => void (globalThis as any).registered.push(given);';
const registered: Registered[] = [];
const servers: Server[] = [];
const { listen } = Server.prototype;

beforeAll(async () => {
  const port = String(await freePort());
  for (const { path, code } of samples) {
    const runnable = code.replace("import { test } from 'node:test';", collect);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, runnable.replaceAll('3000', port));
  }
  Object.assign(globalThis, { registered });
});
afterEach(async () => {
  vi.restoreAllMocks();
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  Reflect.deleteProperty(globalThis, 'registered');
});

async function freePort(): Promise<number> {
  const probe = new Server();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  return port;
}

// The contract of adapters runs on the adapters of this project.
const runs = samples.filter(({ code }) => !code.includes('./application.js'));

it.each(runs)('[X9] [R10] $at runs', async ({ path, code }) => {
  vi.spyOn(Server.prototype, 'listen').mockImplementation(function (this: Server, ...args) {
    servers.push(this);
    return listen.apply(this, args as never);
  });
  registered.length = 0;
  await import(pathToFileURL(path).href);
  expect(registered.length > 0).toBe(code.includes("from 'node:test'"));
  for (const [, run] of registered) await run();
});
