import { OAuth, type OAuth1Token } from '@oauth-registry/core';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import { plainClient } from '../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => {
  provider.reset();
  // An API for clients themselves: whoever the judge lets pass is answered.
  provider.on('oauth1_api', () => ({ body: 'for clients' }));
});
afterAll(() => provider.close());

describe('a call in the name of the client alone (two-legged)', () => {
  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A7] is signed with the client’s secret and no token, with %s (RFC 5849 §3.1)',
    async (signatureType) => {
      const judged = judge(provider);
      const client = oauth1Client(provider, { signatureType });
      const answer = await client.post('x', { twoLegged: true, form: { a: 'b c' } });
      expect(await answer.text()).toBe('for clients');
      const [request] = judged;
      expect(request && param(request, 'oauth_token')).toBeUndefined();
      expect(request && param(request, 'oauth_consumer_key')).toBe(provider.settings.clientId);
    },
  );

  it('asks no fetchToken hook, whose token belongs to a user', async () => {
    judge(provider);
    const fetchToken = (): never => {
      throw new Error('The hook was asked.');
    };
    const client = oauth1Client(provider, { fetchToken });
    expect((await client.get('x', { twoLegged: true })).status).toBe(200);
  });

  it('is never a call whose token was forgotten, nor one without any', async () => {
    const client = oauth1Client(provider);
    for (const token of [undefined, null] as unknown as OAuth1Token[]) {
      expect(await rejection(client.get('x', { token }))).toMatchObject({ code: 'missing_token' });
    }
    expect(provider.count()).toBe(0);
    await client.get('x', { withholdToken: true });
    expect(provider.last('oauth1_api').headers).not.toHaveProperty('authorization');
  });

  it('has no token beside it, and is not withheld', async () => {
    const token = { oauth_token: 't', oauth_token_secret: 's' };
    for (const other of [{ token }, { userId: 'ada' }, { withholdToken: true }]) {
      const call = oauth1Client(provider).get('x', { twoLegged: true, ...other });
      expect(await rejection(call)).toMatchObject({ code: 'invalid_options', phase: 'resource' });
    }
    expect(provider.count()).toBe(0);
  });

  it('stays on the API’s origin, too', async () => {
    const call = oauth1Client(provider).get('http://127.0.0.1:9/x', { twoLegged: true });
    expect(await rejection(call)).toMatchObject({ code: 'foreign_origin' });
  });

  it('is no business of OAuth 2', async () => {
    const { plain } = new OAuth({ config: {} }).register('plain', plainClient(provider));
    const error = await rejection(plain.get('x', { twoLegged: true }));
    expect(error).toMatchObject({ code: 'invalid_options' });
    expect(provider.count()).toBe(0);
  });
});
