import assert from 'node:assert/strict';
import { Browser } from '../../support/browser.js';
import type { FakeProvider, IdTokenHook } from '../../support/provider/index.js';
import { standardClients } from '../clients.js';
import { badSignature, noKid, plusOne, severalKeys, without } from '../oidf-modules.js';
import { assertLoggedIn, json, logIn, outcome } from '../steps.js';
import type { ContractApp, ContractCheck, ContractContext } from '../types.js';

/** A module of the OpenID Foundation's suite for clients. */
interface Module {
  name: string;
  title: string;
  run(context: ContractContext, client: string): Promise<void>;
}

/** The client must accept this id_token. */
const accepts = (name: string, title: string, spoil: (p: FakeProvider) => void): Module => ({
  name,
  title,
  async run({ start, p }, client) {
    spoil(p);
    const visit = await logIn(await start(), client);
    assertLoggedIn(visit);
    assert.equal((json(visit)['userinfo'] as { sub?: string }).sub, 'user-1');
  },
});

/** The client must reject this id_token, and must not use the access token. */
const refuses = (name: string, title: string, idToken: IdTokenHook): Module => ({
  name,
  title,
  async run({ start, p }, client) {
    p.idToken = idToken;
    const visit = await logIn(await start(), client);
    assert.deepEqual(outcome(visit), { status: 502, code: 'invalid_id_token' });
    assert.equal(p.count('token'), 1);
    assert.equal(p.count('userinfo') + p.count('api'), 0);
  },
});

/** The modules of the Basic certification plan. */
const basic: readonly Module[] = [
  accepts('oidcc-client-test', 'logs in', () => undefined),
  refuses('oidcc-client-test-invalid-iss', 'rejects another iss', plusOne('iss')),
  refuses('oidcc-client-test-missing-sub', 'rejects a missing sub', without('sub')),
  refuses('oidcc-client-test-invalid-aud', 'rejects another aud', plusOne('aud')),
  refuses('oidcc-client-test-missing-iat', 'rejects a missing iat', without('iat')),
  accepts('oidcc-client-test-kid-absent-single-jwks', 'accepts the only key without kid', (p) => {
    p.idToken = noKid;
    p.quirks.jwks = 'single-key-without-kid';
  }),
  {
    name: 'oidcc-client-test-kid-absent-multiple-jwks',
    title: 'accepts the matching one of several keys, or rejects',
    async run({ start, p }, client) {
      p.idToken = noKid;
      p.quirks.jwks = severalKeys;
      const visit = await logIn(await start(), client);
      const { status, code } = outcome(visit);
      assert.ok(status === 200 || code === 'invalid_id_token', visit.text());
    },
  },
  accepts('oidcc-client-test-idtoken-sig-rs256', 'accepts RS256', (p) => {
    p.settings.idTokenAlg = 'RS256';
  }),
  {
    name: 'oidcc-client-test-idtoken-sig-none',
    title: 'rejects an unsigned id_token, even if the metadata lists none',
    async run(context, client) {
      context.p.quirks.metadata = 'none-alg';
      const unsigned: IdTokenHook = ({ claims: right, sign }) =>
        `${sign(right, { alg: 'none' }).split('.').slice(0, 2).join('.')}.`;
      await refuses('', '', unsigned).run(context, client);
    },
  },
  refuses('oidcc-client-test-invalid-sig-rs256', 'rejects an invalid signature', badSignature),
  {
    name: 'oidcc-client-test-userinfo-invalid-sub',
    title: 'rejects the user info of another user',
    async run({ start, p }, client) {
      const app = await start();
      const browser = new Browser();
      assertLoggedIn(await logIn(app, client, browser));
      p.quirks.userinfo = 'wrong-sub';
      const profile = await browser.get(`${app.url}/profile/${client}`);
      assert.deepEqual(outcome(profile), { status: 502, code: 'invalid_userinfo' });
      assert.doesNotMatch(profile.text(), /user-1/);
    },
  },
  refuses('oidcc-client-test-nonce-invalid', 'rejects another nonce', plusOne('nonce')),
  {
    name: 'oidcc-client-test-scope-userinfo-claims',
    title: 'requests the scopes profile, email, phone and address, and reads the claims',
    async run({ start, p, q }, client) {
      const scope = 'openid profile email phone address';
      const wanted = { phone_number: '+49 30 1', address: { country: 'DE' }, email: 'a@b.example' };
      Object.assign(p.settings.user, wanted);
      const standard = standardClients(p, q);
      const app = await start({
        clients: { ...standard, [client]: { ...standard[client], scope } },
      });
      const browser = new Browser();
      assertLoggedIn(await logIn(app, client, browser));
      assert.equal(p.last('authorize').params.get('scope'), scope);
      const profile = json(await browser.get(`${app.url}/profile/${client}`));
      for (const [name, value] of Object.entries(wanted)) assert.deepEqual(profile[name], value);
      assert.equal(profile['name'], 'Ada Lovelace');
    },
  },
  {
    name: 'oidcc-client-test-client-secret-basic',
    title: 'authenticates with a form-encoded id and secret',
    async run({ start, p }, client) {
      p.settings.tokenEndpointAuthMethod = 'client_secret_basic';
      assertLoggedIn(await logIn(await start(), client));
      const { headers, form } = p.last('token');
      assert.match(headers['authorization'] ?? '', /^Basic /);
      assert.equal(form.has('client_secret'), false);
    },
  },
];

/** The modules of the Config certification plan that Basic does not have. */
const config: readonly Module[] = [
  {
    name: 'oidcc-client-test-discovery-openid-config',
    title: 'reads the metadata, once',
    async run({ start, p }, client) {
      const app = await start();
      assertLoggedIn(await logIn(app, client));
      assertLoggedIn(await logIn(app, client));
      assert.equal(p.count('metadata'), 1);
    },
  },
  {
    name: 'oidcc-client-test-discovery-jwks-uri-keys',
    title: 'reads the keys from the jwks_uri of the metadata',
    async run({ start, p, q }, client) {
      p.keys = q.keys;
      p.quirks.metadata = { jwks_uri: `${q.base}/jwks` };
      assertLoggedIn(await logIn(await start(), client));
      assert.deepEqual([p.count('jwks'), q.count('jwks')], [0, 1]);
    },
  },
  {
    name: 'oidcc-client-test-discovery-issuer-mismatch',
    title: 'stops before it redirects to another issuer',
    async run({ start, p }, client) {
      p.quirks.metadata = 'issuer-with-suffix';
      const app: ContractApp = await start();
      const visit = await new Browser().get(`${app.url}/login/${client}`);
      assert.equal(outcome(visit).code, 'mismatching_issuer');
      assert.deepEqual([visit.location, p.count('authorize')], [undefined, 0]);
    },
  },
  {
    name: 'oidcc-client-test-signing-key-rotation',
    title: 'fetches the new keys at the second login',
    async run({ start, p }, client) {
      const app = await start();
      assertLoggedIn(await logIn(app, client));
      p.rotateKeys();
      assertLoggedIn(await logIn(app, client));
    },
  },
  {
    name: 'oidcc-client-test-signing-key-rotation-just-before-signing',
    title: 'refetches keys that changed during the login',
    async run({ start, p }, client) {
      const app = await start();
      assertLoggedIn(await logIn(app, client));
      p.idToken = ({ claims: right, sign }) => {
        p.rotateKeys();
        const { rsa } = p.keys;
        return sign(right, { alg: 'RS256', kid: rsa.kid }, rsa);
      };
      assertLoggedIn(await logIn(app, client));
    },
  },
];

/** The comprehensive plan's module for error responses by form_post. */
const formPostError: Module = {
  name: 'oidcc-client-test-form-post-error',
  title: 'reads a posted error response',
  async run({ start, p, q }, client) {
    const params = { prompt: 'none', max_age: '0' };
    const app = await start({ clients: { [client]: standardClients(p, q)[client] ?? {} }, params });
    const visit = await logIn(app, client);
    assert.equal(p.last('authorize').params.get('prompt'), 'none');
    assert.deepEqual(outcome(visit), { status: 400, code: 'login_required' });
    assert.equal(p.count('token'), 0);
  },
};

/** The provider holds every application to the redirect URIs of its own, byte for byte (Core §3.1.2.1). */
function registered(context: ContractContext): ContractContext {
  const { p, start } = context;
  return {
    ...context,
    start: async (wanted) => {
      const app = await start(wanted);
      const names = Object.keys(wanted?.clients ?? standardClients(p, context.q));
      p.settings.redirectUris = names.map((one) => `${app.url}/callback/${one}`);
      return app;
    },
  };
}

const plan = (
  name: string,
  client: string,
  modules: readonly Module[],
  suffix?: string,
): ContractCheck[] =>
  modules.map((module) => ({
    id: module.name + (suffix === undefined ? '' : `/${suffix}`),
    clause: `OpenID Foundation, RP ${name} plan`,
    title: module.title,
    run: (context) => module.run(registered(context), client),
  }));

/** The Basic, Config and form_post plans of the OpenID Foundation's suite, under its names. */
export const oidf: readonly ContractCheck[] = [
  ...plan('basic', 'openid', basic),
  ...plan('config', 'openid', config),
  ...plan(
    'config',
    'openid',
    basic.filter(({ name }) => name === 'oidcc-client-test-idtoken-sig-none'),
    'config',
  ),
  ...plan('formpost-basic', 'posted', basic, 'form_post'),
  ...plan('comprehensive', 'posted', [formPostError]),
];
