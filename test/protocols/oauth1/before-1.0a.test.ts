import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { comeBack, redirectUri, rejection } from '../../support/login.js';
import { form } from '../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

describe('a provider of OAuth 1.0 before 1.0a', () => {
  it('[A5] needs allowUnconfirmedCallback, which also puts oauth_callback on the authorization URL', async () => {
    provider.quirks.oauth1Request = 'no-callback-confirmed';
    const refused = await rejection(oauth1Client(provider).createAuthorizationUrl(redirectUri));
    expect(refused).toMatchObject({ code: 'invalid_response' });
    const client = oauth1Client(provider, { allowUnconfirmedCallback: true });
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(url).searchParams.get('oauth_callback')).toBe(redirectUri);
    expect(param(provider.last('oauth1_request'), 'oauth_callback')).toBe(redirectUri);
    const oob = await client.createAuthorizationUrl('oob');
    expect(new URL(oob.url).searchParams.has('oauth_callback')).toBe(false);
  });

  it('[A5] needs allowMissingVerifier, and is then sent none', async () => {
    provider.quirks.oauth1Callback = 'no-verifier';
    const strict = oauth1Client(provider);
    const request = await strict.createAuthorizationUrl(redirectUri);
    const back = (await comeBack(request)).href;
    const refused = await rejection(strict.fetchAccessToken(back, request));
    expect(refused).toMatchObject({ code: 'invalid_callback' });
    expect(provider.count('oauth1_access')).toBe(0);
    const client = oauth1Client(provider, { allowMissingVerifier: true });
    const token = { oauth_token: 't', oauth_token_secret: 's' };
    provider.on('oauth1_access', (sent) =>
      param(sent, 'oauth_verifier') === undefined ? form(token) : undefined,
    );
    judge(provider);
    expect(await client.fetchAccessToken(back, request)).toEqual(token);
  });

  it('[A5] is sent the verifier that came all the same', async () => {
    const judged = judge(provider);
    const options = { allowMissingVerifier: true, allowUnconfirmedCallback: true };
    const client = oauth1Client(provider, options);
    const request = await client.createAuthorizationUrl(redirectUri);
    const back = await comeBack(request);
    await client.fetchAccessToken(back.href, request);
    const sent = judged.find(({ endpoint }) => endpoint === 'oauth1_access');
    expect(sent && param(sent, 'oauth_verifier')).toBe(back.searchParams.get('oauth_verifier'));
  });

  it.each([
    ['allowUnconfirmedCallback', 'no-verifier', undefined, 'invalid_callback'],
    ['allowMissingVerifier', undefined, 'no-callback-confirmed', 'invalid_response'],
    ['allowMissingVerifier', 'foreign-token', undefined, 'mismatching_state'],
    ['allowMissingVerifier', 'duplicated-verifier', undefined, 'invalid_callback'],
  ] as const)('gets nothing else with %s: %s %s', async (option, back, request, code) => {
    provider.quirks.oauth1Callback = back;
    provider.quirks.oauth1Request = request;
    const client = oauth1Client(provider, { [option]: true });
    const login = async (): Promise<unknown> => {
      const data = await client.createAuthorizationUrl(redirectUri);
      return await client.fetchAccessToken((await comeBack(data)).href, data);
    };
    expect(await rejection(login())).toMatchObject({ code });
    expect(provider.count('oauth1_access')).toBe(0);
  });
});
