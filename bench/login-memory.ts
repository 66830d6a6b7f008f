/**
 * Shows how much the heap of an application grows with each finished login, of a browser that was never there
 * before. The memory store of express-session has each browser's session, in the floors as well. Ends with
 * exit code 1 if a login adds more than the limit.
 *
 * `node dist/login-memory.js [logins]`
 */
import { heapOf, serve } from './processes.js';
import { closeConnections, logIn } from './requests.js';
import { repeat } from './rounds.js';

const [logins = 4000] = process.argv.slice(2).map(Number);
const warmUp = 1000;
const limit = 1000;

const openid = await serve('login-provider');
const oauth1 = await serve('oauth1-provider');
const subjects = [
  ['floor', openid],
  ['Express, session', openid],
  ['Express, cookie', openid],
  ['Fastify, cookie', openid],
  ['OAuth 1 floor', oauth1],
  ['OAuth 1, session', oauth1],
] as const;
for (const [name, provider] of subjects) {
  const { child, url } = await serve('login-app', [name, provider.url], ['--expose-gc']);
  const subject = { name, url, child };
  await repeat(warmUp, () => logIn(subject));
  const before = await heapOf(subject);
  await repeat(logins, () => logIn(subject));
  const growth = ((await heapOf(subject)) - before) / logins;
  console.log(`${name.padEnd(18)} ${growth.toFixed(0).padStart(6)} bytes for each login`);
  child.disconnect();
  if (growth > limit) process.exitCode = 1;
}
openid.child.disconnect();
oauth1.child.disconnect();
closeConnections();
