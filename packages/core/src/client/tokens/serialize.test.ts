import { describe, expect, it } from 'vitest';
import { deserializeToken, serializedClient, serializeToken } from '../../index.js';
import type { Token } from '../../model/types.js';

const secret = 'a secret of thirty-two characters';
const newer = 'another secret of thirty-two chars';
const token = {
  access_token: 'an-access-token-of-forty-characters-length',
  token_type: 'Bearer',
  refresh_token: 'a-refresh-token-of-forty-characters-or-so',
  expires_at: 1_700_000_000,
  scope: 'openid email',
};

describe('a serialized token', () => {
  it.each<Token>([
    token,
    { oauth_token: 'a', oauth_token_secret: 'ü€' },
    { ...token, userinfo: { sub: '1', raw: { sub: '1' } } },
  ])('[M4] comes back as it was: %j', async (given) => {
    expect(await deserializeToken(await serializeToken(given, secret), secret)).toEqual(given);
  });

  it('[M4] is short, safe in a URL, and shows nothing', async () => {
    const text = await serializeToken(token, secret);
    expect(text).toMatch(/^[\w-]+$/);
    expect(text.length).toBeLessThan(360);
    expect(Buffer.from(text, 'base64url').toString('latin1')).not.toContain('token');
    expect(await serializeToken(token, secret)).not.toBe(text);
  });

  it('[M4] opens after its secret was replaced, as long as the old one is in the list', async () => {
    const text = await serializeToken(token, secret);
    expect(await deserializeToken(text, [newer, secret])).toEqual(token);
    await expect(deserializeToken(text, newer)).rejects.toMatchObject({ code: 'invalid_token' });
    const next = await serializeToken(token, [newer, secret]);
    expect(await deserializeToken(next, newer)).toEqual(token);
  });

  it('says which client it is of, and opens for that client only', async () => {
    const text = await serializeToken(token, secret, { client: 'corp', context: 'ada' });
    expect(await serializedClient(text, secret, { context: 'ada' })).toBe('corp');
    expect(await deserializeToken(text, secret, { client: 'corp', context: 'ada' })).toEqual(token);
    expect(await deserializeToken(text, secret, { context: 'ada' })).toEqual(token);
    const another = deserializeToken(text, secret, { client: 'other', context: 'ada' });
    await expect(another).rejects.toMatchObject({ code: 'invalid_token' });
    const unnamed = await serializeToken(token, secret);
    expect(await serializedClient(unnamed, secret)).toBeUndefined();
    const named = deserializeToken(unnamed, secret, { client: 'corp' });
    await expect(named).rejects.toMatchObject({ code: 'invalid_token' });
  });

  it('[M4] opens for the same context only', async () => {
    const text = await serializeToken(token, secret, { context: 'ada' });
    expect(await deserializeToken(text, secret, { context: 'ada' })).toEqual(token);
    for (const options of [{}, { context: 'eve' }]) {
      const opened = deserializeToken(text, secret, options);
      await expect(opened).rejects.toMatchObject({ code: 'invalid_token' });
    }
  });

  it('[M4] does not open when a single character was changed, and the error shows nothing', async () => {
    const text = await serializeToken(token, secret);
    const changed = [text.slice(1), `${text}A`, '', 'x', '=', text.replace(/.$/, '!'), '\u{1f600}'];
    const last = text.at(20) === 'A' ? 'B' : 'A';
    for (const forged of [...changed, text.slice(0, 20) + last + text.slice(21)]) {
      const error: unknown = await deserializeToken(forged, secret).catch((thrown) => thrown);
      expect(error).toMatchObject({ code: 'invalid_token' });
      if (forged.length > 1) expect(String(error)).not.toContain(forged);
    }
  });

  it.each(['', 'short', [], [secret, 'short']])('[M4] refuses the secret %j', async (bad) => {
    for (const run of [() => serializeToken(token, bad), () => deserializeToken('x', bad)]) {
      await expect(run()).rejects.toMatchObject({ code: 'invalid_options' });
    }
  });
});
