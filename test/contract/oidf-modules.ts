import assert from 'node:assert/strict';
import type { RegisterOptions } from '@oauth-registry/core';
import type { ResponseType } from '@oauth-registry/core/types';
import {
  encryptionKey,
  rsaKey,
  type FakeProvider,
  type IdTokenHook,
} from '../support/provider/index.js';

/** The response types of the plans whose tokens travel through the browser. */
export const plans: Readonly<Record<'implicit' | 'hybrid', readonly ResponseType[]>> = {
  implicit: ['id_token', 'id_token token'],
  hybrid: ['code id_token', 'code token', 'code id_token token'],
};

/** How a step ended: with the code of an error, or with claims about the user. */
export interface Ended {
  code?: unknown;
  claims?: Record<string, unknown> | undefined;
}

/** A client under test, whatever stands between it and the test. */
export interface Suite {
  p: FakeProvider;
  type: ResponseType;
  /** Logs a user in, with a new client. */
  logIn(options?: RegisterOptions): Promise<Ended>;
  /** Requests the profile of the user who logged in last. */
  profile(): Promise<Ended>;
}

/** A module of the OpenID Foundation's suite for clients that get tokens from the authorization endpoint. */
export interface FrontModule {
  name: string;
  title: string;
  /** Which response types it is run with; all of the plan unless given. */
  only?: ((type: ResponseType) => boolean) | undefined;
  run(suite: Suite): Promise<void>;
}

/** An id_token with other claims, wherever it is issued; `undefined` leaves one out. */
export const claims =
  (change: (right: Record<string, unknown>) => Record<string, unknown>): IdTokenHook =>
  ({ claims: right, sign }) =>
    sign({ ...right, ...change(right) });

export const plusOne = (name: string): IdTokenHook =>
  claims((right) => ({ [name]: `${String(right[name])}1` }));

export const without = (name: string): IdTokenHook => claims(() => ({ [name]: undefined }));

/** Every byte of the signature XOR 0x5A, as the suite does it. */
export const badSignature: IdTokenHook = ({ sign }) => {
  const [header, payload, signature = ''] = sign().split('.');
  const bytes = Buffer.from(signature, 'base64url').map((byte) => byte ^ 0x5a);
  return [header, payload, Buffer.from(bytes).toString('base64url')].join('.');
};

export const noKid: IdTokenHook = ({ claims: right, sign }) => sign(right, { alg: 'RS256' });

/** Several keys that could have signed, none of which a token without `kid` names. */
export const severalKeys = (keys: object[]): object => ({
  keys: [...keys, rsaKey(9).jwk, encryptionKey().jwk],
});

const accepts = (
  name: string,
  title: string,
  spoil: (p: FakeProvider) => void = () => undefined,
): FrontModule => ({
  name,
  title,
  async run({ p, logIn }) {
    spoil(p);
    const { code, claims: found } = await logIn();
    assert.deepEqual([code, found?.['sub']], [undefined, 'user-1']);
  },
});

/** An id_token of the callback stops the login before its code or token goes anywhere. */
const refuses = (
  name: string,
  title: string,
  idToken: IdTokenHook,
  only?: FrontModule['only'],
): FrontModule => ({
  name,
  title,
  only,
  async run({ p, type, logIn }) {
    p.idToken = idToken;
    assert.equal((await logIn()).code, 'invalid_id_token');
    // With "code token" the only id_token is that of the token endpoint.
    assert.equal(p.count('token'), type === 'code token' ? 1 : 0);
    assert.equal(p.count('userinfo') + p.count('api'), 0);
  },
});

const withCodeAndIdToken = (type: ResponseType): boolean => type.startsWith('code id_token');
const withTokenAndIdToken = (type: ResponseType): boolean => type.endsWith('id_token token');
const hasAccessToken = (type: ResponseType): boolean => type !== 'id_token';

const otherHash = 'AAAAAAAAAAAAAAAAAAAAAA';

/** The modules of the Implicit and Hybrid certification plans, and of their form_post twins. */
export const frontModules: readonly FrontModule[] = [
  accepts('oidcc-client-test', 'logs in'),
  refuses('oidcc-client-test-invalid-iss', 'rejects another iss', plusOne('iss')),
  refuses('oidcc-client-test-missing-sub', 'rejects a missing sub', without('sub')),
  refuses('oidcc-client-test-invalid-aud', 'rejects another aud', plusOne('aud')),
  refuses('oidcc-client-test-missing-aud', 'rejects a missing aud', without('aud')),
  refuses('oidcc-client-test-missing-iat', 'rejects a missing iat', without('iat')),
  accepts('oidcc-client-test-kid-absent-single-jwks', 'accepts the only key without kid', (p) => {
    p.idToken = noKid;
    p.quirks.jwks = 'single-key-without-kid';
  }),
  {
    name: 'oidcc-client-test-kid-absent-multiple-jwks',
    title: 'rejects it, because no key matches',
    async run({ p, logIn }) {
      p.idToken = noKid;
      p.quirks.jwks = severalKeys;
      assert.equal((await logIn()).code, 'invalid_id_token');
    },
  },
  accepts('oidcc-client-test-idtoken-sig-rs256', 'accepts RS256'),
  refuses('oidcc-client-test-invalid-sig-rs256', 'rejects an invalid signature', badSignature),
  {
    name: 'oidcc-client-test-userinfo-invalid-sub',
    title: 'rejects the user info of another user',
    only: hasAccessToken,
    async run({ p, logIn, profile }) {
      assert.equal((await logIn()).claims?.['sub'], 'user-1');
      p.quirks.userinfo = 'wrong-sub';
      assert.deepEqual(await profile(), { code: 'invalid_userinfo' });
    },
  },
  refuses('oidcc-client-test-nonce-invalid', 'rejects another nonce', plusOne('nonce')),
  {
    name: 'oidcc-client-test-nonce-unless-code-flow',
    title: 'sends a nonce of 256 bits',
    async run({ p, logIn }) {
      await logIn();
      assert.match(p.last('authorize').params.get('nonce') ?? '', /^[\w-]{43}$/);
    },
  },
  {
    name: 'oidcc-client-test-scope-userinfo-claims',
    title: 'requests the scopes profile, email, phone and address, and reads the claims',
    async run({ p, type, logIn, profile }) {
      const scope = 'openid profile email phone address';
      Object.assign(p.settings.user, { phone_number: '+49 30 1', address: { country: 'DE' } });
      const login = await logIn({ scope });
      assert.equal(p.last('authorize').params.get('scope'), scope);
      const { claims: found } = hasAccessToken(type) ? await profile() : login;
      assert.equal(found?.['name'], 'Ada Lovelace');
      assert.equal(found['phone_number'], '+49 30 1');
      assert.deepEqual(found['address'], { country: 'DE' });
    },
  },
  {
    name: 'oidcc-client-test-client-secret-basic',
    title: 'authenticates with a form-encoded id and secret',
    only: (type) => type.startsWith('code'),
    async run({ p, logIn }) {
      assert.equal((await logIn()).claims?.['sub'], 'user-1');
      const { headers, form } = p.last('token');
      assert.match(headers['authorization'] ?? '', /^Basic /);
      assert.equal(form.has('client_secret'), false);
    },
  },
  refuses(
    'oidcc-client-test-invalid-chash',
    'rejects it, and does not send the code',
    claims(() => ({ c_hash: otherHash })),
    withCodeAndIdToken,
  ),
  refuses(
    'oidcc-client-test-missing-chash',
    'rejects it, and does not send the code',
    without('c_hash'),
    withCodeAndIdToken,
  ),
  refuses(
    'oidcc-client-test-invalid-athash',
    'rejects it, and uses no token',
    claims(() => ({ at_hash: otherHash })),
    withTokenAndIdToken,
  ),
  refuses(
    'oidcc-client-test-missing-athash',
    'rejects it, and uses no token',
    without('at_hash'),
    withTokenAndIdToken,
  ),
];
