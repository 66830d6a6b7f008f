import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { Browser, type Visit } from '../../support/browser.js';
import { signJws, type FakeProvider, type JsonObject } from '../../support/provider/index.js';
import { assertLoggedIn, json, logIn, me, outcome } from '../steps.js';
import type { ContractApp, ContractCheck, ContractContext } from '../types.js';

const logoutEvent = 'http://schemas.openid.net/event/backchannel-logout';
const now = (): number => Math.floor(Date.now() / 1000);

/** The logout token of the suite, with another claim or header; `undefined` leaves one out. */
function logoutToken(p: FakeProvider, change: JsonObject = {}, header: JsonObject = {}): string {
  const claims = {
    iss: p.issuer,
    sub: 'user-1',
    aud: p.settings.clientId,
    jti: randomUUID(),
    sid: 'session-1',
    events: { [logoutEvent]: {} },
    iat: now(),
    exp: now() + 120,
    unknown_claim: 'to be ignored',
  };
  const right = { alg: 'RS256', kid: p.keys.rsa.kid };
  const key = header['alg'] === 'ES256' ? p.keys.ec : p.keys.rsa;
  return signJws({ ...claims, ...change }, { ...right, ...header }, key);
}

async function logoutEvents(app: ContractApp): Promise<JsonObject[]> {
  return (await new Browser().get(`${app.url}/told`)).json() as JsonObject[];
}

/** Logs a user in and out; the provider posts the result of `post` before it redirects the user back. */
async function logOut(
  { start, p }: ContractContext,
  post?: () => string,
): Promise<{ app: ContractApp; browser: Browser; back: Visit; response: Response | undefined }> {
  const app = await start();
  const browser = new Browser();
  assertLoggedIn(await logIn(app, 'openid', browser));
  p.settings.postLogoutRedirectUris = [`${app.url}/ended/openid`];
  let response: Response | undefined;
  p.on('end_session', async (_request, respond) => {
    const body = post && new URLSearchParams({ logout_token: post() });
    if (body) response = await fetch(`${app.url}/backchannel/openid`, { method: 'POST', body });
    return await respond();
  });
  const back = await browser.follow(`${app.url}/end/openid`);
  const hint = p.last('end_session').query.get('id_token_hint') ?? '';
  const payload = Buffer.from(hint.split('.')[1] ?? '', 'base64url').toString();
  assert.equal((JSON.parse(payload) as { sub: string }).sub, 'user-1');
  return { app, browser, back, response };
}

/** The provider posts an invalid token: 400, no event, and the session is unchanged. */
const refuses = (
  name: string,
  title: string,
  make: (p: FakeProvider) => string,
): ContractCheck => ({
  id: `oidcc-client-test-rp-backchannel-rpinitlogout-${name}`,
  clause: 'OpenID Foundation, RP logout plan',
  title: `returns 400 for ${title}, and no user is logged out`,
  async run(context) {
    const { app, browser, back, response } = await logOut(context, () => make(context.p));
    assert.equal(response?.status, 400);
    assert.equal(response.headers.get('cache-control'), 'no-store');
    assert.deepEqual(await logoutEvents(app), []);
    assert.deepEqual(await me(app, browser), { client: 'openid' });
    assert.equal(back.status, 200);
  },
});

/** The state of the return is not the one that was sent: no crash, no login, no way into the session. */
const strangeReturn = (name: string, title: string, change: (url: URL) => void): ContractCheck => ({
  id: `oidcc-client-test-rp-init-logout-${name}`,
  clause: 'OpenID Foundation, RP logout plan',
  title,
  async run({ start, p }) {
    const app = await start();
    const browser = new Browser();
    assertLoggedIn(await logIn(app, 'openid', browser));
    const tokens = p.count('token');
    p.on('end_session', async (_request, respond) => {
      const made = await respond();
      const location = new URL(String(made.headers?.['location']));
      change(location);
      return { ...made, headers: { ...made.headers, location: location.href } };
    });
    const back = await browser.follow(`${app.url}/end/openid`);
    assert.deepEqual(outcome(back), { status: 400, code: 'mismatching_state' });
    assert.equal(p.count('token'), tokens);
  },
});

/** The logout plans and the plan of third-party-initiated login, under the suite's names. */
export const oidfLogout: readonly ContractCheck[] = [
  {
    id: 'oidcc-client-test-rp-init-logout',
    clause: 'OpenID Foundation, RP logout plan',
    title: 'sends the id_token, and validates the return, once',
    async run(context) {
      const { p } = context;
      const { app, browser, back } = await logOut(context);
      const sent = p.last('end_session').query;
      const state = sent.get('state');
      assert.equal(sent.get('post_logout_redirect_uri'), `${app.url}/ended/openid`);
      assert.deepEqual(json(back), { state, postLogoutRedirectUri: `${app.url}/ended/openid` });
      const again = await browser.get(`${app.url}/ended/openid?state=${state}`);
      assert.deepEqual(outcome(again), { status: 400, code: 'mismatching_state' });
    },
  },
  strangeReturn('other-state', 'rejects another state', (url) =>
    url.searchParams.set('state', `${url.searchParams.get('state')}1`),
  ),
  strangeReturn('no-state', 'rejects a missing state', (url) => url.searchParams.delete('state')),
  {
    id: 'oidcc-client-test-rp-backchannel-rpinitlogout',
    clause: 'OpenID Foundation, RP logout plan',
    title: 'returns 200, no-store, and passes iss, sub and sid to the application',
    async run(context) {
      const { p } = context;
      const { app, back, response } = await logOut(context, () => logoutToken(p));
      assert.equal(response?.status, 200);
      assert.equal(response.headers.get('cache-control'), 'no-store');
      assert.equal(back.status, 200);
      const [event, ...others] = await logoutEvents(app);
      const { client, iss, sub, sid } = event ?? {};
      assert.deepEqual([client, iss, sub, sid], ['openid', p.issuer, 'user-1', 'session-1']);
      assert.deepEqual(others, []);
    },
  },
  refuses('alg-none', 'a token that is not signed', (p) => logoutToken(p, {}, { alg: 'none' })),
  refuses('wrong-alg', 'a token signed with another algorithm', (p) =>
    logoutToken(p, {}, { alg: 'ES256', kid: p.keys.ec.kid }),
  ),
  refuses('wrong-aud', 'a token for another client', (p) =>
    logoutToken(p, { aud: `${p.settings.clientId}1` }),
  ),
  refuses('wrong-iss', 'a token of another issuer', (p) => logoutToken(p, { iss: `${p.issuer}1` })),
  refuses('no-event', 'a token without an event', (p) => logoutToken(p, { events: undefined })),
  refuses('wrong-event', 'a token about another event', (p) =>
    logoutToken(p, { events: { [`${logoutEvent}1`]: {} } }),
  ),
  refuses('with-nonce', 'a token with a nonce', (p) => logoutToken(p, { nonce: 'a-nonce' })),
  ...(['rpinitlogout', 'opinitlogout'] as const).map((by): ContractCheck => ({
    id: `oidcc-client-test-rp-frontchannel-${by}`,
    clause: 'OpenID Foundation, RP logout plan',
    title: 'returns 200, framable, no-store, and ends only the session of this browser',
    async run(context) {
      const { p, start } = context;
      p.idToken = ({ claims, sign }) => sign({ ...claims, sid: 'session-1' });
      const loggedIn = async (): Promise<{ app: ContractApp; browser: Browser }> => {
        const app = await start();
        const browser = new Browser();
        assertLoggedIn(await logIn(app, 'openid', browser));
        return { app, browser };
      };
      const { app, browser } = await (by === 'rpinitlogout' ? logOut(context) : loggedIn());
      const query = new URLSearchParams({ iss: p.issuer, sid: 'session-1' });
      const other = await new Browser().get(`${app.url}/frontchannel/openid?${query}`);
      assert.equal(other.status, 400);
      assert.deepEqual(await logoutEvents(app), []);
      const frame = await browser.get(`${app.url}/frontchannel/openid?${query}`);
      assert.equal(frame.status, 200);
      assert.match(frame.headers.get('cache-control') ?? '', /no-store/);
      assert.equal(frame.headers.get('x-frame-options'), null);
      assert.deepEqual(await logoutEvents(app), [
        { client: 'openid', iss: p.issuer, sid: 'session-1' },
      ]);
      const wrong = [
        { iss: `${p.issuer}1`, sid: 'session-1' },
        { iss: p.issuer, sid: 'session-2' },
        {},
      ];
      for (const one of wrong) {
        const refused = new URLSearchParams(one as Record<string, string>);
        const response = await browser.get(`${app.url}/frontchannel/openid?${refused}`);
        assert.equal(response.status, 400);
      }
      assert.equal((await logoutEvents(app)).length, 1);
    },
  })),
  {
    id: 'oidcc-client-test-3rd-party-init-login',
    clause: 'OpenID Foundation, RP third-party-initiated login plan',
    title: 'starts a login with the configured issuer only, and finishes it',
    async run({ start, p }) {
      const app = await start();
      const from = (iss: string): URL =>
        new URL(`${app.url}/initiate/openid?${new URLSearchParams({ iss, login_hint: 'ada' })}`);
      const foreign = await new Browser().get(from(`${p.issuer}1`));
      assert.deepEqual(outcome(foreign), { status: 400, code: 'mismatching_issuer' });
      assert.equal(p.count('authorize'), 0);
      assertLoggedIn(await new Browser().follow(from(p.issuer)));
      assert.equal(p.last('authorize').params.get('login_hint'), 'ada');
    },
  },
];
