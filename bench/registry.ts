/**
 * Shows what 50,000 registered clients cost until they are used, and what as many loaded ones do: the time of each and
 * the heap that it keeps, beside a map of checked options written by hand and beside openid-client's `Configuration`.
 * Ends with exit code 1 if a client takes more than its limit. Run with --expose-gc.
 */
import { OAuth } from '@oauth-registry/core';
import * as openid from 'openid-client';

const clients = Number(process.argv[2] ?? 50_000);
const rounds = 5;
const limits = { heap: 800 };

interface Options {
  clientId: string;
  clientSecret: string;
  issuer: string;
  authorizeUrl: string;
  accessTokenUrl: string;
  jwksUri: string;
  scope: string;
}

const names = Array.from({ length: clients }, (_, index) => `client-${index}`);

/** The options of a client of a provider, as an application reads them from its database. */
function optionsOf(name: string): Options {
  const origin = 'https://id.example';
  return {
    clientId: name,
    clientSecret: `secret of ${name}`,
    issuer: origin,
    authorizeUrl: `${origin}/authorize`,
    accessTokenUrl: `${origin}/token`,
    jwksUri: `${origin}/jwks`,
    scope: 'openid email',
  };
}

/** What a registry does at the least: checks that options are text and URLs are https, and stores a copy. */
function floor(): object {
  const registry = new Map<string, Options>();
  for (const name of names) {
    const options = optionsOf(name);
    for (const [option, value] of Object.entries(options)) {
      if (typeof value !== 'string') throw new TypeError(option);
      if (/Ur[li]$|issuer/.test(option) && new URL(value).protocol !== 'https:') {
        throw new TypeError(option);
      }
    }
    registry.set(name, Object.freeze(Object.assign({}, options)));
  }
  return registry;
}

function configurations(): object {
  const registry = new Map<string, openid.Configuration>();
  for (const name of names) {
    const { issuer, clientId, clientSecret, accessTokenUrl } = optionsOf(name);
    const server = { issuer, token_endpoint: accessTokenUrl };
    registry.set(name, new openid.Configuration(server, clientId, clientSecret));
  }
  return registry;
}

function registered(): object {
  const oauth = new OAuth({ config: {} });
  for (const name of names) oauth.register(name, optionsOf(name));
  return oauth;
}

async function loaded(): Promise<object> {
  const oauth = new OAuth({
    config: {},
    limits: { clients },
    loadClient: (name) => optionsOf(name),
  });
  for (const name of names) await oauth.loadClient(name);
  return oauth;
}

interface Cost {
  microseconds: number;
  bytes: number;
}

async function measure(create: () => object | Promise<object>): Promise<Cost> {
  // The second collection ends the sweep of the first.
  globalThis.gc?.();
  globalThis.gc?.();
  const before = process.memoryUsage().heapUsed;
  const { user, system } = process.cpuUsage();
  const registry = await create();
  const spent = process.cpuUsage({ user, system });
  globalThis.gc?.();
  const bytes = process.memoryUsage().heapUsed - before;
  if (registry === undefined) throw new Error('There is no registry.');
  return { microseconds: (spent.user + spent.system) / clients, bytes: bytes / clients };
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

const subjects = { floor, 'openid-client': configurations, registered, loaded };
const costs = new Map<string, Cost[]>(Object.keys(subjects).map((subject) => [subject, []]));
// The first round warms up.
for (let round = 0; round <= rounds; round += 1) {
  for (const [subject, create] of Object.entries(subjects)) {
    const cost = await measure(create);
    if (round > 0) costs.get(subject)?.push(cost);
  }
}

const base = costs.get('floor') ?? [];
for (const [subject, all] of costs) {
  const time = median(all.map(({ microseconds }) => microseconds));
  const heap = median(all.map(({ bytes }) => bytes));
  const ratio = median(
    all.map((cost, round) => cost.microseconds / (base[round]?.microseconds ?? 0)),
  );
  console.log(
    `${subject.padEnd(14)} ${time.toFixed(1).padStart(7)} µs ${ratio.toFixed(2).padStart(6)} × floor ` +
      `${heap.toFixed(0).padStart(7)} bytes`,
  );
  const isOurs = subject === 'registered' || subject === 'loaded';
  if (isOurs && heap > limits.heap) {
    console.error(
      `A ${subject} client takes ${heap.toFixed(0)} bytes; the limit is ${limits.heap}.`,
    );
    process.exitCode = 1;
  }
}
