import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { beforeAll, expect, test } from 'vitest';
import { buildDemo, runDemo } from './demo-process.js';

beforeAll(buildDemo);

test.each(['SIGINT', 'SIGTERM'] as const)('stops cleanly on %s', async (signal) => {
  const other = runDemo({ PORT: '0' });
  const address = await other.url;
  other.signal(signal);

  expect(await other.exit).toBe(0);
  await expect(fetch(address)).rejects.toThrow();
  expect(other.output()).not.toMatch(/warning|error/i);
});

test('says which port is taken, and ends with code 1, when PORT asks for it', async () => {
  const first = runDemo({ PORT: '0' });
  const { port } = new URL(await first.url);
  const other = runDemo({ PORT: port });

  expect(await other.exit).toBe(1);
  expect(other.output().trim()).toMatch(new RegExp(`^Port ${port} is taken .*\\.$`));
  first.signal('SIGTERM');
  await first.exit;
});

test('takes the next free port when no port is set', async () => {
  const blocker = createServer().listen(3000, 'localhost');
  await new Promise((resolve) => blocker.once('listening', resolve).once('error', resolve));
  const other = runDemo();

  expect((await other.url).replace(/\d+\/$/, '')).toBe('http://localhost:');
  expect(await other.url).not.toContain(':3000');
  expect(other.output()).toContain('Port 3000 is taken; using ');
  other.signal('SIGINT');
  await other.exit;
  blocker.close();
});

test('says that the database does not respond, and nothing of its password', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as AddressInfo;
  await new Promise((resolve) => closed.close(resolve));
  const other = runDemo({ PORT: '0', DATABASE_URL: `postgres://me:s3cret@127.0.0.1:${port}/x` });

  expect(await other.exit).toBe(1);
  expect(other.output()).toContain('The database in DATABASE_URL does not answer');
  expect(other.output()).not.toContain('s3cret');
});
