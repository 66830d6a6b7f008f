import { expect, it } from 'vitest';
import { login } from '../../../../../test/support/fake-browser.js';
import { nonceOf, randomToken } from '../../platform/crypto.js';
import { pack, unpack } from './packing.js';
import type { PendingLogin } from './pending-logins.js';

const full = async (): Promise<PendingLogin> => {
  const codeVerifier = randomToken();
  return {
    ...login('state'),
    id: 'of another process',
    codeVerifier,
    nonce: await nonceOf(codeVerifier),
    expiresAt: 1_790_000_000_000,
    redirectUri: 'https://app.example/auth/callback/größe?x=1',
    maxAge: 0,
    formPost: true,
    fragment: false,
    requestTokenSecret: '',
    carry: { returnTo: `/${'x'.repeat(2000)}`, data: { cart: [1, -2, 0.5, null, '"'] } },
    acrValues: ['a', 'b'],
    issuer: 'https://id.example',
    delivered: 'code=1&state=2',
  } as PendingLogin;
};

it.each(['', 'https://app.example', 'https://other.example'])(
  'a pending login below "%s" comes back as it went',
  async (baseUrl) => {
    const { id: _, ...sent } = await full();
    const packed = await pack({ ...sent, id: 'x' }, baseUrl);
    expect(await unpack(packed, 'state', baseUrl)).toMatchObject(sent);
  },
);

it.each([{ nonce: randomToken() }, { nonce: 'short' }, { nonce: undefined }])(
  'a nonce of another origin comes back as well: %o',
  async (more) => {
    const sent = Object.assign(await full(), more);
    const back = await unpack(await pack(sent), 'state');
    expect(back?.nonce).toBe(more.nonce);
  },
);

it('another field with the value of the nonce comes back', async () => {
  const sent = await full();
  const scope = String(sent.nonce);
  expect(await unpack(await pack({ ...sent, scope }), 'state')).toMatchObject({ scope });
});

it('a login that was packed without a base URL comes back after one was configured', async () => {
  const sent = await full();
  const { redirectUri } = sent;
  expect(await unpack(await pack(sent), 'state', 'https://app.example')).toMatchObject({
    redirectUri,
  });
});

it('copies of one login have one id, and logins of different times have not', async () => {
  const sent = await full();
  const [one, two] = await Promise.all([pack(sent), pack(sent)]);
  const later = await pack({ ...sent, expiresAt: sent.expiresAt + 1 });
  const ids = await Promise.all([one, two, later].map(async (p) => (await unpack(p, 's'))?.id));
  expect(ids[0]).toBe(ids[1]);
  expect(ids[0]).not.toBe(ids[2]);
});

it('bytes that are cut off or of no field are none', async () => {
  const packed = await pack(await full());
  expect(await unpack(packed.subarray(0, -1), 'state')).toBeUndefined();
  expect(await unpack(new Uint8Array([250, 0]), 'state')).toBeUndefined();
});

it.each([0, 7, 8, 126, 127, 128, 129, 255, 256, 257, 511, 512, 4000])(
  'a text of %i bytes comes back',
  async (length) => {
    for (const character of ['a', '!', '/']) {
      const sent = { ...(await full()), scope: character.repeat(length) };
      expect(await unpack(await pack(sent), 'state')).toMatchObject({ scope: sent.scope });
    }
  },
);

it.each([0, 1, 255, 256, 65_536, 2 ** 32, Number.MAX_SAFE_INTEGER, -1, 0.5])(
  'the number %d comes back',
  async (maxAge) => {
    const sent = { ...(await full()), maxAge };
    expect(await unpack(await pack(sent), 'state')).toMatchObject({ maxAge });
  },
);

it('takes the fewest bytes, because a request has room for few cookies', async () => {
  const codeVerifier = randomToken();
  const sent = {
    state: randomToken(),
    id: 'x',
    client: 'corp',
    kind: 'oauth2',
    expiresAt: 1_790_000_000_000,
    redirectUri: 'https://app.example/callback',
    codeVerifier,
    nonce: await nonceOf(codeVerifier),
    openid: true,
  };
  const contents = [4, 6, 6, '/callback'.length, 32, 0, 0];
  const packed = await pack(sent, 'https://app.example');
  expect(packed).toHaveLength(contents.reduce((total, bytes) => total + 2 + bytes, 0));
});
