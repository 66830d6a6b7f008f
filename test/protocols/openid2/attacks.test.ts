import { OAuth } from '@oauth-registry/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { comeBack, login, redirectUri, rejection } from '../../support/login.js';
import { openid2Client } from '../../support/apps/express.js';
import {
  assertionQuirks,
  checkQuirks,
  openid2CallbackQuirks,
  startProvider,
  type AssertionQuirk,
  type CheckQuirk,
  type FakeProvider,
  type OpenID2CallbackQuirk,
} from '../../support/provider/index.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

function client() {
  return new OAuth({ config: {} }).register('old', openid2Client(provider)).old;
}

/** What an assertion of its own provider's is refused with; the default is `invalid_callback`. */
const assertions: Partial<Record<AssertionQuirk, string>> = {
  'foreign-return-to': 'mismatching_state',
  'other-return-to': 'mismatching_state',
  'longer-return-to': 'mismatching_state',
  'no-return-to': 'mismatching_state',
  'foreign-endpoint': 'mismatching_issuer',
  'no-endpoint': 'mismatching_issuer',
};

describe('an assertion that the provider would confirm', () => {
  const names = (Object.keys(assertionQuirks) as AssertionQuirk[]).filter(
    (name) => name !== 'same-nonce',
  );

  it.each(names)(
    '[M11] is refused before the provider is asked: %s (OpenID Authentication 2.0 §11)',
    async (name) => {
      provider.quirks.openid2Assertion = name;
      provider.quirks.openid2Check = 'always';
      const error = await rejection(login(client()));
      expect(error).toMatchObject({ code: assertions[name] ?? 'invalid_callback', client: 'old' });
      expect(provider.count('openid2_check')).toBe(0);
    },
  );

  it('[M11] is refused the second time its nonce comes (§11.3)', async () => {
    provider.quirks.openid2Assertion = ({ params }) => params.set('openid.response_nonce', nonce);
    const nonce = `${new Date().toISOString().slice(0, 19)}Zagain`;
    provider.quirks.openid2Check = 'always';
    const old = client();
    expect(await login(old)).toHaveProperty('claimed_id');
    const error = await rejection(login(old));
    expect(error).toMatchObject({ code: 'invalid_callback' });
    expect(error.message).toContain('used before');
  });

  it.each([-290, 290])('[M11] may be made by a clock that is %s s off', async (seconds) => {
    provider.quirks.openid2Assertion = ({ params }) => {
      const time = new Date(Date.now() + seconds * 1000).toISOString().slice(0, 19);
      params.set('openid.response_nonce', `${time}Z`);
    };
    expect(await login(client())).toHaveProperty('claimed_id');
  });

  it('[M11] is good for one of two callbacks at the same moment', async () => {
    provider.quirks.openid2Check = 'always';
    const old = client();
    const request = await old.createAuthorizationUrl(redirectUri);
    const back = (await comeBack(request)).href;
    const both = await Promise.allSettled([
      old.fetchAccessToken(back, request),
      old.fetchAccessToken(back, request),
    ]);
    expect(both.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected']);
  });
});

/** What an answer that was changed on its way is refused with. */
const callbacks: Record<OpenID2CallbackQuirk, string> = {
  cancel: 'access_denied',
  'setup-needed': 'interaction_required',
  error: 'provider_refused',
  'swapped-identifier': 'invalid_callback',
  'swapped-return-to': 'mismatching_state',
  'duplicated-claimed-id': 'invalid_callback',
  'duplicated-signed': 'invalid_callback',
  'duplicated-mode': 'invalid_callback',
  'look-alike-field': 'invalid_callback',
  'nul-in-name': 'invalid_callback',
  'line-break-in-value': 'invalid_callback',
  'wrong-signature': 'invalid_callback',
  'no-signature': 'invalid_callback',
  'state-duplicated': 'mismatching_state',
};

describe('a response that was changed on its way', () => {
  /** Only the provider can tell. */
  const forged = ['swapped-identifier', 'wrong-signature'];

  it.each(Object.keys(openid2CallbackQuirks) as OpenID2CallbackQuirk[])(
    '[M11] is refused: %s',
    async (name) => {
      provider.quirks.openid2Callback = name;
      const error = await rejection(login(client()));
      expect(error).toMatchObject({ code: callbacks[name] });
      expect(provider.count('openid2_check')).toBe(forged.includes(name) ? 1 : 0);
    },
  );

  it('[M11] is refused with the state of another login, and with none', async () => {
    const old = client();
    const [one, two] = [
      await old.createAuthorizationUrl(redirectUri),
      await old.createAuthorizationUrl(redirectUri),
    ];
    const back = await comeBack(one);
    const swapped = new URL(back);
    swapped.searchParams.set('state', two.state);
    expect(await rejection(old.fetchAccessToken(swapped.href, two))).toMatchObject({
      code: 'mismatching_state',
    });
    swapped.searchParams.delete('state');
    expect(await rejection(old.fetchAccessToken(swapped.href, one))).toMatchObject({
      code: 'mismatching_state',
    });
    expect(await old.fetchAccessToken(back.href, one)).toHaveProperty('claimed_id');
  });

  it('does not put the provider’s words into the message', async () => {
    provider.quirks.openid2Callback = 'error';
    const error = await rejection(login(client()));
    expect(error).toMatchObject({ error_description: 'Invalid claimed_id or identity <b>' });
    expect(JSON.stringify(error) + error.stack).not.toContain('<b>');
  });
});

/** What comes of an answer to `check_authentication`: an error's code, or a login. */
const checks: Record<CheckQuirk, string | undefined> = {
  always: undefined,
  'no-namespace': undefined,
  'invalidate-handle': undefined,
  never: 'invalid_callback',
  'in-other-text': 'invalid_response',
  'in-other-key': 'invalid_response',
  'in-html': 'invalid_response',
  twice: 'invalid_response',
  'upper-case': 'invalid_response',
  'with-space': 'invalid_response',
  'with-more': 'invalid_response',
  'other-namespace': 'invalid_response',
  'error-400': 'provider_refused',
  'forbidden-403': 'provider_unavailable',
};

describe('the response to check_authentication', () => {
  it.each(Object.keys(checkQuirks) as CheckQuirk[])(
    '[M11] is read to the letter: %s (OpenID Authentication 2.0 §11.4.2.2)',
    async (name) => {
      provider.quirks.openid2Check = name;
      const outcome = await login(client()).catch((error: unknown) => error);
      const code = checks[name];
      if (code === undefined) expect(outcome).toHaveProperty('claimed_id');
      else expect(outcome).toMatchObject({ code, phase: 'exchange' });
    },
  );

  it.each(['redirect-302', 'redirect-307', 'unavailable-503', 'reset', 'huge', 'empty'] as const)(
    '[M11] ends the login when it fails: %s',
    async (fault) => {
      provider.quirks.fault.openid2_check = fault;
      const error = await rejection(login(client()));
      expect(error.code).toMatch(/^(invalid_response|provider_unavailable|response_too_large)$/);
    },
  );

  it('[M11] is requested from the configured provider, not from the one that the callback names', async () => {
    const evil = await startProvider();
    provider.quirks.openid2Callback = (params) => {
      params.set('openid.op_endpoint', evil.openid2.endpoint);
      params.set('openid.claimed_id', `${provider.base}/openid2/id/somebody-else`);
      params.set('openid.identity', `${provider.base}/openid2/id/somebody-else`);
    };
    evil.quirks.openid2Check = 'always';
    expect(await rejection(login(client()))).toMatchObject({ code: 'mismatching_issuer' });
    expect(evil.requests).toEqual([]);
    await evil.close();
  });
});
