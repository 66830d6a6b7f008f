import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { ResponseType } from '@oauth-registry/core';
import { rejection } from '../core/script.js';
import { encryptionKey, rsaKey, startProvider } from '../provider/index.js';
import type { FakeProvider, IdTokenHook } from '../provider/index.js';
import { badSignature, claims, clientOf, logIn, noKid, plans, plusOne, without } from './flows.js';

let p: FakeProvider;
beforeAll(async () => {
  p = await startProvider();
});
beforeEach(() => p.reset());
afterAll(() => p.close());

interface Module {
  name: string;
  title: string;
  /** Which response types it is run with; all of the plan unless given. */
  only?: (type: ResponseType) => boolean;
  run(type: ResponseType): Promise<void>;
}

const accepts = (name: string, title: string, spoil: () => void = () => undefined): Module => ({
  name,
  title,
  async run(type) {
    spoil();
    expect((await logIn(clientOf(p, { responseType: type }))).userinfo?.sub).toBe('user-1');
  },
});

/** An id_token of the callback stops the login before its code or token goes anywhere. */
const refuses = (
  name: string,
  title: string,
  hook: IdTokenHook,
  only: Module['only'] = () => true,
): Module => ({
  name,
  title,
  only,
  async run(type) {
    p.idToken = hook;
    const error = await rejection(logIn(clientOf(p, { responseType: type })));
    expect(error.code).toBe('invalid_id_token');
    expect(p.count('token')).toBe(type === 'code token' ? 1 : 0);
    expect(p.count('userinfo') + p.count('api')).toBe(0);
  },
});

const withIdToken = (type: ResponseType): boolean => type.includes('id_token');
const withCodeAndIdToken = (type: ResponseType): boolean => type.startsWith('code id_token');
const withToken = (type: ResponseType): boolean => type.endsWith('id_token token');
const hasAccessToken = (type: ResponseType): boolean => type !== 'id_token';

const modules: readonly Module[] = [
  accepts('oidcc-client-test', 'logs in'),
  refuses('oidcc-client-test-invalid-iss', 'refuses another iss', plusOne('iss')),
  refuses('oidcc-client-test-missing-sub', 'refuses no sub', without('sub')),
  refuses('oidcc-client-test-invalid-aud', 'refuses another aud', plusOne('aud')),
  refuses('oidcc-client-test-missing-aud', 'refuses no aud', without('aud')),
  refuses('oidcc-client-test-missing-iat', 'refuses no iat', without('iat')),
  accepts('oidcc-client-test-kid-absent-single-jwks', 'takes the one key without kid', () => {
    p.idToken = noKid;
    p.quirks.jwks = 'single-key-without-kid';
  }),
  {
    name: 'oidcc-client-test-kid-absent-multiple-jwks',
    title: 'refuses, since no key is the one',
    async run(type) {
      p.idToken = noKid;
      p.quirks.jwks = (keys: object[]) => ({ keys: [...keys, rsaKey(9).jwk, encryptionKey().jwk] });
      const error = await rejection(logIn(clientOf(p, { responseType: type })));
      expect(error.code).toBe('invalid_id_token');
    },
  },
  accepts('oidcc-client-test-idtoken-sig-rs256', 'takes RS256'),
  refuses('oidcc-client-test-invalid-sig-rs256', 'refuses a bad signature', badSignature),
  {
    name: 'oidcc-client-test-userinfo-invalid-sub',
    title: 'refuses a profile of somebody else',
    only: hasAccessToken,
    async run(type) {
      const client = clientOf(p, { responseType: type });
      const token = await logIn(client);
      p.quirks.userinfo = 'wrong-sub';
      expect((await rejection(client.userinfo({ token }))).code).toBe('invalid_userinfo');
    },
  },
  refuses('oidcc-client-test-nonce-invalid', 'refuses another nonce', plusOne('nonce')),
  {
    name: 'oidcc-client-test-nonce-unless-code-flow',
    title: 'sends a nonce of 256 bits',
    async run(type) {
      await logIn(clientOf(p, { responseType: type }));
      expect(p.last('authorize').params.get('nonce')).toMatch(/^[\w-]{43}$/);
    },
  },
  {
    name: 'oidcc-client-test-scope-userinfo-claims',
    title: 'asks for profile, email, phone and address, and reads them',
    async run(type) {
      const scope = 'openid profile email phone address';
      Object.assign(p.settings.user, { phone_number: '+49 30 1', address: { country: 'DE' } });
      const client = clientOf(p, { responseType: type, scope });
      const token = await logIn(client);
      const found = hasAccessToken(type) ? await client.userinfo({ token }) : token.userinfo;
      expect(found).toMatchObject({ name: 'Ada Lovelace', phone_number: '+49 30 1' });
      expect(found?.['address']).toEqual({ country: 'DE' });
    },
  },
  {
    name: 'oidcc-client-test-client-secret-basic',
    title: 'proves who it is with a form-encoded id and secret',
    only: (type) => type.startsWith('code'),
    async run(type) {
      await logIn(clientOf(p, { responseType: type }));
      expect(p.last('token').headers['authorization']).toMatch(/^Basic /);
    },
  },
  refuses(
    'oidcc-client-test-invalid-chash',
    'refuses it, and sends the code nowhere',
    claims(() => ({ c_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })),
    withCodeAndIdToken,
  ),
  refuses(
    'oidcc-client-test-missing-chash',
    'refuses it, and sends the code nowhere',
    without('c_hash'),
    withCodeAndIdToken,
  ),
  refuses(
    'oidcc-client-test-invalid-athash',
    'refuses it, and uses no token',
    claims(() => ({ at_hash: 'AAAAAAAAAAAAAAAAAAAAAA' })),
    withToken,
  ),
  refuses(
    'oidcc-client-test-missing-athash',
    'refuses it, and uses no token',
    without('at_hash'),
    (type) => withToken(type) && withIdToken(type),
  ),
];

describe.each(Object.entries(plans))('the %s plan', (plan, types) => {
  for (const type of types) {
    for (const { name, title, only, run } of modules) {
      if (only?.(type) === false) continue;
      it(`[A20] ${name}: ${title} (OpenID Foundation, RP ${plan} plan, ${type})`, () => run(type));
    }
  }
});
