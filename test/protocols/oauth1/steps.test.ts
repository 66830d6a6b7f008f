import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { comeBack, echo, redirectUri, rejection } from '../../support/login.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

describe('a login step by step, without a web framework', () => {
  it.each([redirectUri, 'oob'])(
    '[R2] [R4] fetches a request token, writes the authorization URL, reads the callback, fetches the token: %s',
    async (callback) => {
      judge(provider);
      const client = oauth1Client(provider, { authorizeParams: { perms: 'read' } });
      const requestToken = await client.fetchRequestToken(callback, { lang: 'de' });
      const url = await client.authorizationUrl(requestToken, callback, { expiration: 'never' });
      expect(Object.fromEntries(new URL(url).searchParams)).toEqual({
        oauth_token: requestToken.oauth_token,
        perms: 'read',
        expiration: 'never',
      });
      const { oauth_token: state, oauth_token_secret: requestTokenSecret } = requestToken;
      const kept = { state, requestTokenSecret, redirectUri: callback };
      const back = callback === 'oob' ? await readPin(url, state) : (await comeBack({ ...kept, url })).href; // prettier-ignore
      const token = await client.fetchAccessToken(back, kept);
      expect(await echo(client.get('me', { token }))).toMatchObject({ method: 'GET' });
    },
  );

  it.each(['oauth_token', 'oauth_token_secret', 'oauth_callback'])(
    '[R2] refuses %s as a parameter of the authorization URL (RFC 5849 §2.2)',
    async (name) => {
      const token = { oauth_token: 't', oauth_token_secret: 's' };
      const client = oauth1Client(provider);
      const error = await rejection(client.authorizationUrl(token, redirectUri, { [name]: 'x' }));
      expect(error).toMatchObject({ code: 'invalid_options', phase: 'authorize' });
    },
  );

  it('[R2] writes no authorization URL for a token without oauth_token', async () => {
    const client = oauth1Client(provider);
    for (const token of [{}, { oauth_token: '' }, { access_token: 'a' }]) {
      const call = client.authorizationUrl(token as never, redirectUri);
      expect(await rejection(call)).toMatchObject({ code: 'invalid_token' });
    }
  });
});

/** Reads the verifier off the provider's page, as the person does. */
async function readPin(url: string, state: string): Promise<Record<string, string>> {
  const [, pin = ''] = /<b>(.*)<\/b>/.exec(await (await fetch(url)).text()) ?? [];
  return { oauth_token: state, oauth_verifier: pin };
}
