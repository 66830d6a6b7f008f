import { describe, expect, it } from 'vitest';
import { signJws } from '../support/provider/index.js';
import { isSigned, oauthOf } from '../support/signature.js';
import { clientId, clientSecret, startPreset, type PresetApp } from '../support/apps/preset.js';
import { form, json, type Routes, type WireAnswer, type WireRequest } from '../support/wire.js';

const wiki = 'https://meta.wikimedia.org/w/index.php';

const claims = {
  iss: 'https://meta.wikimedia.org',
  sub: 12_345,
  aud: clientId,
  username: 'Ada Lovelace',
  editcount: 1,
  confirmed_email: true,
  blocked: false,
  registered: '20120102030405',
  groups: ['*', 'user'],
  rights: ['read'],
  grants: ['mwoauth-authonly'],
  email: 'ada@example.com',
  realname: '',
};

type Identify = (request: WireRequest) => WireAnswer;

/** A wiki’s signed profile, which answers the request it is given to. */
function identity(change: Record<string, unknown> = {}, secret = clientSecret): Identify {
  return (request) => {
    const now = Math.floor(Date.now() / 1000);
    const { oauth_nonce: nonce } = oauthOf(request);
    const payload = { ...claims, iat: now, exp: now + 100, nonce, ...change };
    return {
      type: 'application/json',
      body: signJws(payload, { typ: 'JWT', alg: 'HS256' }, secret),
    };
  };
}

/** All steps are one address; the title in the query tells them apart. */
async function start(identify: Identify = identity(), initiate?: WireAnswer): Promise<PresetApp> {
  const steps: Record<string, Identify> = {
    'Special:OAuth/initiate': () =>
      initiate ?? form('oauth_token=rt1&oauth_token_secret=rs1&oauth_callback_confirmed=true'),
    'Special:OAuth/token': () => form('oauth_token=at1&oauth_token_secret=as1'),
    'Special:OAuth/identify': identify,
  };
  const step = (request: WireRequest): WireAnswer =>
    steps[request.url.searchParams.get('title') ?? '']?.(request) ?? { status: 404, body: '' };
  const routes: Routes = { [`GET ${wiki}`]: step, [`POST ${wiki}`]: step };
  return await startPreset('wikimedia_oauth1', routes);
}

const back = { oauth_token: 'rt1', oauth_verifier: 'v1' };

describe('Wikimedia (OAuth 1.0a)', () => {
  it('[X5][A5] signs the title in the query, which is all that tells its steps apart', async () => {
    const wikimedia = await start();
    const asked = await wikimedia.begin();
    expect(asked.href.startsWith(`${wiki}?title=Special:OAuth/authenticate`)).toBe(true);
    expect(asked.searchParams.get('oauth_token')).toBe('rt1');
    expect((await wikimedia.come(back)).status).toBe(200);
    const secrets = ['', 'rs1', 'as1'];
    const { requests } = wikimedia.wire;
    expect(requests.map((request, n) => isSigned(request, secrets[n]))).toEqual([true, true, true]);
  });

  it('[M3] verifies the signed profile, whose subject is a number', async () => {
    expect((await (await start()).login(back)).userinfo).toMatchObject({
      sub: '12345',
      name: 'Ada Lovelace',
      preferred_username: 'Ada Lovelace',
      email: 'ada@example.com',
      email_verified: true,
      profile: 'https://meta.wikimedia.org/wiki/User:Ada%20Lovelace',
    });
  });

  it.each<[string, Identify]>([
    ['signed with another secret', identity({}, 'another')],
    ['for another client', identity({ aud: 'another' })],
    ['in response to another request', identity({ nonce: 'another' })],
    ['of another wiki', identity({ iss: 'https://evil.example' })],
    ['without a wiki', identity({ iss: undefined })],
    ['without a nonce', identity({ nonce: undefined })],
    ['out of date', identity({ iat: 1, exp: 101 })],
    [
      'not signed at all',
      () => ({ body: signJws({ ...claims, aud: clientId }, { alg: 'none' }, '') }),
    ],
  ])('[X5] refuses a profile %s', async (_what, identify) => {
    const wikimedia = await start(identify);
    expect(await wikimedia.refusal(back)).toMatchObject({ code: 'invalid_userinfo' });
    expect(wikimedia.app.tokens).toEqual([]);
  });

  it('[M3] takes an email only once it is confirmed', async () => {
    const { userinfo } = await (await start(identity({ confirmed_email: false }))).login(back);
    expect(userinfo).toMatchObject({ email_verified: false });
    expect(userinfo).not.toHaveProperty('email');
  });

  it('[R6] reports an error with status 200, as JSON or as text', async () => {
    const message = 'An error occurred in the OAuth protocol: Invalid signature';
    const asJson = await start(() => json({ error: 'mwoauth-oauth-exception', message }));
    expect(await asJson.refusal(back)).toMatchObject({
      code: 'provider_refused',
      error: 'mwoauth-oauth-exception',
      error_description: message,
    });
    const asText = await start(() => ({ body: `Error: ${message}` }));
    expect(await asText.refusal(back)).toMatchObject({
      code: 'provider_refused',
      error_description: message,
    });
  });

  it('[R6] starts no login if the callback is not the registered one', async () => {
    const body = 'Error: oauth_callback must be set, and must be set to "oob" (case-sensitive)';
    const wikimedia = await start(identity(), { body });
    await expect(wikimedia.begin()).rejects.toThrow('Nobody was sent');
    expect(wikimedia.app.errors[0]).toMatchObject({ code: 'invalid_response' });
  });
});
