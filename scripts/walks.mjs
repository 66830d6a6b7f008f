/**
 * Counts how a login or an API call travels through the modules of the built packages, and prints a table.
 * Fails if a walk exceeds its limits.
 * `--modules WALK` prints the modules of one walk in the order in which they are entered, with their functions.
 * Needs `pnpm build`.
 *
 * A hop is an entry of another module than the last one, the first entry included. A return is a hop to a module that
 * was entered before. Utilities are the modules in `model/` and `platform/`.
 */
import { createServer } from 'node:http';
import { createRequire, register } from 'node:module';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';

register('./walk-hooks.mjs', import.meta.url);

const { resolve } = createRequire(join(import.meta.dirname, '../test/package.json'));
const load = (name) => import(pathToFileURL(resolve(name)).href);
const core = await load('@oauth-registry/core');
const { OAuth } = await load('@oauth-registry/express');
const { github, mastodon } = await load('@oauth-registry/core/providers');
const { memoryStore } = await load('@oauth-registry/core/stores/memory');
const { Browser, startProvider } = await load('@oauth-registry/core/testing');
const { default: express } = await load('express');
const { default: session } = await load('express-session');

/** Limits of modules and returns without utilities. */
const limits = {
  callback: { modules: 25, returns: 20 },
  'get-expired-store': { modules: 30, returns: 30 },
  'mastodon-callback': { modules: 28 },
};
const secret = 'a secret of thirty-two characters';
const provider = await startProvider();
const instance = await startInstance();
const { clientId, clientSecret } = provider.settings;
const corp = {
  clientId,
  clientSecret,
  serverMetadataUrl: provider.metadataUrl,
  scope: 'openid email',
  apiBaseUrl: `${provider.base}/api`,
};

/**
 * The functions that each walk entered, by its name. OAuth 1 has a few calls more or less each time, one for each
 * character that is percent-encoded.
 */
const walks = new Map();
await setUp();
await callApi();
await logIn();

const { values } = parseArgs({ options: { modules: { type: 'string' } } });
if (values.modules === undefined) printTable();
else printModules(values.modules);
// The servers still listen.
process.exit(values.modules === undefined && hasLongWalk() ? 1 : 0);

function hasLongWalk() {
  return Object.entries(limits).some(([name, { modules, returns = Infinity }]) => {
    const counted = count(walks.get(name).filter((entry) => !isUtility(entry)));
    return counted.modules > modules || counted.returns > returns;
  });
}

/** Runs a step, and records the functions that it enters. */
async function walk(name, step) {
  const entries = [];
  globalThis.enteredFunction = (entry) => entries.push(entry);
  const result = await step();
  globalThis.enteredFunction = undefined;
  if (result.status >= 400) throw new Error(`The walk "${name}" failed: HTTP ${result.status}.`);
  walks.set(name, entries);
  return result;
}

async function setUp() {
  const oauth = await walk('new', () => new core.OAuth({ config: {} }));
  await walk('register', () => oauth.register('corp', corp));
  await walk('register-github', () => oauth.register('github', github({ clientId, clientSecret })));
}

/** Calls the API with the token of a login. */
async function callApi() {
  const userId = 'user-1';
  // A store that is not volatile gets encrypted tokens.
  const tokenStore = { ...memoryStore(), volatile: false };
  const stored = await loggedIn({ tokenStore, secret });
  await stored.client.saveToken(expired(stored.token), { userId });
  await walk('get-expired-store', () => stored.client.get('items', { userId }));

  const hooks = { fetchToken: () => expired(hooked.token), updateToken: () => {} };
  const hooked = await loggedIn(hooks);
  await walk('get-expired-hooks', () => hooked.client.get('items'));
  await walk('get-valid', () => hooked.client.get('items', { token: stored.token }));
}

function expired(token) {
  return { ...token, expires_at: 1 };
}

async function loggedIn(options) {
  const client = new core.OAuth({ config: {}, ...options }).register('corp', corp).corp;
  const request = await client.createAuthorizationUrl('http://127.0.0.1:9/callback');
  const { location } = await new Browser().get(request.url);
  return { client, token: await client.fetchAccessToken(location, request) };
}

async function logIn() {
  const url = await startApp();
  await logInAt(`${url}/login/corp`, '');
  await logInAt(`${url}/auth/login/corp`, 'drop-in-');
  await logInAt(`${url}/login/mastodon?instance=${instance.origin}`, 'mastodon-');
  await walk('mastodon-get', () => fetch(`${url}/get/mastodon`));
  await logInAt(`${url}/login/old`, 'oauth1-');
  await walk('oauth1-get', () => fetch(`${url}/get/old`));
}

/** Logs in twice. The second login counts: its metadata is loaded. */
async function logInAt(url, prefix) {
  for (const browser of [new Browser(), new Browser()]) {
    const { location } = await walk(`${prefix}start`, () => browser.get(url));
    const callback = await browser.get(location);
    await walk(`${prefix}callback`, () => browser.get(callback.location));
  }
}

/** Starts an Express application with all clients, and returns its URL. */
async function startApp() {
  const app = express();
  const server = createServer(app);
  await new Promise((listening) => server.listen(0, '127.0.0.1', listening));
  const baseUrl = `http://127.0.0.1:${server.address().port}`;
  const { request, authorize, access, api } = provider.oauth1;
  const registrations = new Map();
  const oauth = new OAuth({ config: {}, baseUrl, allowPrivateNetworks: true })
    .register('corp', corp)
    .register('old', {
      clientId,
      clientSecret,
      requestTokenUrl: request,
      authorizeUrl: authorize,
      accessTokenUrl: access,
      apiBaseUrl: api,
    })
    .register(
      'mastodon',
      mastodon({
        clientRegistrations: {
          get: async (issuer) => registrations.get(issuer),
          put: async (issuer, registration) => void registrations.set(issuer, registration),
        },
      }),
    );
  const tokens = {};
  app.use(session({ secret, resave: false, saveUninitialized: false }));
  app.get('/login/:client', async (req, res) => {
    await oauth[req.params.client].authorizeRedirect(req, res, undefined, { ...req.query });
  });
  app.get('/callback/:client', async (req, res) => {
    tokens[req.params.client] = await oauth[req.params.client].authorizeAccessToken(req, res);
    res.end();
  });
  app.get('/get/:client', async ({ params: { client } }, res) => {
    const { status } = await oauth[client].get('items', { token: tokens[client] });
    res.status(status).end();
  });
  app.use(
    '/auth',
    oauth.routes({ onLogin: ({ user, request: req }) => void (req.session.user = user.sub) }),
  );
  return baseUrl;
}

/** A provider with Mastodon's API. */
async function startInstance() {
  const server = await startProvider({
    issuerPath: '/',
    openid: false,
    issParameter: false,
    tokenEndpointAuthMethod: 'client_secret_post',
  });
  const { clientId: client_id, clientSecret: client_secret } = server.settings;
  const bodies = {
    '/api/v1/apps': { client_id, client_secret },
    '/api/v1/accounts/verify_credentials': { id: '1', uri: `${server.origin}/users/ada` },
  };
  server.on('api', ({ path }) => path in bodies && { body: bodies[path] });
  return server;
}

function isUtility({ module }) {
  return /^(model|platform)\//.test(module);
}

/** The entries, grouped by hop. */
function hopsOf(entries) {
  const hops = [];
  for (const { module, name } of entries) {
    const last = hops.at(-1);
    if (last?.module === module) last.functions.push(name);
    else hops.push({ module, functions: [name] });
  }
  return hops;
}

function count(entries) {
  const hops = hopsOf(entries).length;
  const modules = new Set(entries.map(({ module }) => module)).size;
  const functions = new Set(entries.map((entry) => JSON.stringify(entry))).size;
  return { modules, functions, calls: entries.length, hops, returns: hops - modules };
}

function printTable() {
  printRow('walk', ['modules', 'functions', 'calls', 'hops', 'modules*', 'hops*', 'returns*']);
  for (const [name, entries] of walks) {
    const all = count(entries);
    const rest = count(entries.filter((entry) => !isUtility(entry)));
    const { modules, returns } = limits[name] ?? {};
    printRow(name, [
      all.modules,
      all.functions,
      all.calls,
      all.hops,
      withLimit(rest.modules, modules),
      rest.hops,
      withLimit(rest.returns, returns),
    ]);
  }
  console.log('* without utilities');
}

function withLimit(number, limit) {
  return limit === undefined ? number : `${number} (≤ ${limit})`;
}

function printRow(name, cells) {
  const columns = [name.padEnd(18), ...cells.map((cell) => String(cell).padEnd(11))];
  console.log(columns.join(' ').trimEnd());
}

/** One hop a line; `↩` marks a return. */
function printModules(name) {
  const entries = walks.get(name);
  if (entries === undefined) throw new Error(`No walk "${name}"; there are ${[...walks.keys()]}.`);
  const entered = new Set();
  for (const { module, functions } of hopsOf(entries.filter((entry) => !isUtility(entry)))) {
    const names = [...new Set(functions)].join(', ');
    console.log(`${entered.has(module) ? '↩' : '→'} ${module}: ${names}`);
    entered.add(module);
  }
}
