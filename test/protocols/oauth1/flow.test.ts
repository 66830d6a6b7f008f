import type { SignatureMethod } from '@oauth-registry/core/types';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { comeBack, echo, login, redirectUri, rejection } from '../../support/login.js';
import { json } from '../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../support/provider/index.js';
import { clientKey } from '../../support/provider/keys.js';
import { judge, param } from './judge.js';
import { oauth1Client } from './world.js';

const methods: SignatureMethod[] = [
  'HMAC-SHA1',
  'HMAC-SHA256',
  'HMAC-SHA512',
  'RSA-SHA1',
  'RSA-SHA256',
  'RSA-SHA512',
  'PLAINTEXT',
];
const placements = ['HEADER', 'QUERY', 'BODY'] as const;
const matrix = methods.flatMap((method) => placements.map((place) => [method, place] as const));

const pair = clientKey();
const privateKey = pair.privateKey.export({ type: 'pkcs8', format: 'pem' }).toString();
const publicKey = pair.publicKey.export({ type: 'spki', format: 'pem' }).toString();

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider({
    oauth1SignatureMethods: methods,
    oauth1PublicKey: publicKey,
  });
});
beforeEach(() => provider.reset());
afterAll(() => provider.close());

describe('the whole flow, judged by another implementation', () => {
  it.each(matrix)(
    '[A5] [A7] works with %s in the %s (RFC 5849 §2, §3.4, §3.5)',
    async (signatureMethod, signatureType) => {
      const judged = judge(provider);
      provider.quirks.oauth1OddTokens = true;
      const client = oauth1Client(provider, {
        signatureMethod,
        signatureType,
        rsaKey: privateKey,
        requestTokenParams: { perms: 'read write', lang: "it's * (ü)" },
        accessTokenParams: { mode: 'a+b&c' },
      });
      const token = await login(client);
      const query = { q: ['a b', 'a+b', ''], 'ü&=': "!*'()~" };
      await echo(client.get('albums', { token, query }));
      await echo(client.post('albums', { token, form: { title: 'Ladies + Gentlemen é' } }));
      await echo(client.put('albums', { token, json: { title: 'ü' } }));
      await client.userinfo({ token });
      expect(judged.map(({ endpoint }) => endpoint)).toEqual(
        provider.requests.map(({ endpoint }) => endpoint).filter((e) => e !== 'oauth1_authorize'),
      );
      expect(judged).toHaveLength(6);
      const places = judged.map(mountOf);
      const small = signatureType.toLowerCase();
      const bare = signatureType === 'BODY' ? 'header' : small;
      expect(places).toEqual([small, small, bare, small, bare, bare]);
    },
  );
});

function mountOf({ query, form }: { query: URLSearchParams; form: URLSearchParams }): string {
  if (query.has('oauth_signature')) return 'query';
  return form.has('oauth_signature') ? 'body' : 'header';
}

describe('parameters of the flow', () => {
  it.each(placements)(
    '[A9] signs those of the request token and the access token requests, with %s',
    async (signatureType) => {
      const judged = judge(provider);
      const client = oauth1Client(provider, {
        signatureType,
        requestTokenParams: { x_auth_access_type: 'read', scope: ['a', 'b'] },
        accessTokenParams: { mode: 'x' },
      });
      const request = await client.createAuthorizationUrl(redirectUri);
      const back = (await comeBack(request)).href;
      await client.fetchAccessToken(back, request, { params: { mode: 'y', more: 'z' } });
      const [first, second] = judged;
      expect(first?.params.getAll('scope')).toEqual(['a', 'b']);
      expect(first?.params.get('x_auth_access_type')).toBe('read');
      expect(second?.params.getAll('mode')).toEqual(['y']);
      expect(second?.params.get('more')).toBe('z');
    },
  );

  it('[A9] takes more of them with one call', async () => {
    judge(provider);
    const client = oauth1Client(provider, { requestTokenParams: { perms: 'read' } });
    await client.fetchRequestToken(redirectUri, { perms: 'write', lang: 'de' });
    const { form } = provider.last('oauth1_request');
    expect(Object.fromEntries(form)).toEqual({ perms: 'write', lang: 'de' });
  });

  it('[A9] go into the Authorization header if they are protocol parameters (RFC 5849 §3.5)', async () => {
    judge(provider);
    const client = oauth1Client(provider, { requestTokenParams: { oauth_lang: 'de', a: '1' } });
    await client.fetchRequestToken(redirectUri);
    const { headers, body } = provider.last('oauth1_request');
    expect(headers['authorization']).toContain('oauth_lang="de"');
    expect(body).toBe('a=1');
  });

  it('[A9] puts authorizeParams on the authorization URL, those of the call over them', async () => {
    const authorizeParams = { perms: 'read', expiration: 'never', name: 'My App & Co' };
    const client = oauth1Client(provider, { authorizeParams });
    const request = await client.createAuthorizationUrl(redirectUri, { perms: 'write' });
    const { searchParams } = new URL(request.url);
    expect(Object.fromEntries(searchParams)).toEqual({
      oauth_token: request.state,
      perms: 'write',
      expiration: 'never',
      name: 'My App & Co',
    });
  });

  it.each(['requestTokenParams', 'accessTokenParams'])(
    'refuses at register() what signing sets by itself: %s',
    (option) => {
      for (const name of ['oauth_callback', 'oauth_token', 'oauth_signature', 'oauth_nonce']) {
        expect(() => oauth1Client(provider, { [option]: { [name]: 'x' } })).toThrow(
          expect.objectContaining({ code: 'invalid_options', phase: 'register' }),
        );
      }
    },
  );
});

describe('token requests by GET', () => {
  it.each(['HEADER', 'QUERY', 'BODY'] as const)(
    '[A5] works, with extra parameters in the query, with %s',
    async (signatureType) => {
      const judged = judge(provider);
      const client = oauth1Client(provider, {
        signatureType,
        requestTokenMethod: 'GET',
        accessTokenMethod: 'GET',
        requestTokenParams: { perms: 'read it' },
      });
      expect(await login(client)).toHaveProperty('oauth_token');
      expect(judged.map(({ method, body }) => method + body)).toEqual(['GET', 'GET']);
      expect(judged[0]?.query.get('perms')).toBe('read it');
    },
  );

  it('[A5] may be one of the two alone', async () => {
    await login(oauth1Client(provider, { requestTokenMethod: 'GET' }));
    expect(provider.last('oauth1_request').method).toBe('GET');
    expect(provider.last('oauth1_access').method).toBe('POST');
  });

  it('knows no other method', () => {
    const options = { requestTokenMethod: 'PUT' as 'GET' };
    expect(() => oauth1Client(provider, options)).toThrow('must be one of GET, POST');
  });
});

describe('responses with credentials', () => {
  it.each(['json', 'form-as-html'] as const)('[A5] are read as %s, too', async (quirk) => {
    provider.quirks.oauth1Request = quirk;
    provider.quirks.oauth1Access = quirk;
    expect(await login(oauth1Client(provider))).toMatchObject({ user_id: 'user-1' });
  });

  it('have numbers and booleans of JSON stored as text', async () => {
    provider.quirks.oauth1Access = (fields) => json({ ...fields, user_id: 7, premium: true });
    expect(await login(oauth1Client(provider))).toMatchObject({ user_id: '7', premium: 'true' });
  });
});

describe('an application that cannot be called back', () => {
  it('[A5] [R4] asks for the verifier with "oob", and is handed it by the user (RFC 5849 §2.1)', async () => {
    const judged = judge(provider);
    const client = oauth1Client(provider);
    const request = await client.createAuthorizationUrl('oob');
    const shown = await (await fetch(request.url)).text();
    const pin = /<b>(.*)<\/b>/.exec(shown)?.[1] ?? '';
    const callback = { oauth_token: request.state, oauth_verifier: pin };
    expect(await client.fetchAccessToken(callback, request)).toHaveProperty('oauth_token');
    expect(judged[0] && param(judged[0], 'oauth_callback')).toBe('oob');
  });
});

describe('what the provider reports as its problem (Problem Reporting extension)', () => {
  const report = {
    body: 'oauth_problem=token_rejected&oauth_problem_advice=Ask%20someone%20<else>',
    header:
      'OAuth realm="Clients",oauth_problem="token%5Frejected",oauth_problem_advice="Ask%20someone%20%3Celse%3E"',
  };
  it.each([
    ['the body', { status: 401, body: report.body }],
    ['the body of a 200', { status: 200, body: report.body }],
    ['the challenge', { status: 401, headers: { 'www-authenticate': report.header } }],
  ])('is the error of a token request: in %s', async (_where, answer) => {
    provider.on('oauth1_access', () => answer);
    const error = await rejection(login(oauth1Client(provider)));
    expect(error).toMatchObject({
      code: 'provider_refused',
      phase: 'exchange',
      error: 'token_rejected',
      error_description: 'Ask someone <else>',
      message: expect.stringContaining('Start the login again.') as string,
    });
    expect(JSON.stringify(error) + error.stack).not.toContain('someone');
  });

  it('is the error of a callback', async () => {
    const client = oauth1Client(provider);
    const request = await client.createAuthorizationUrl(redirectUri);
    const back = {
      oauth_token: request.state,
      oauth_problem: 'permission_denied',
      oauth_problem_advice: 'no',
    };
    expect(await rejection(client.fetchAccessToken(back, request))).toMatchObject({
      code: 'access_denied',
      error: 'permission_denied',
      error_description: 'no',
    });
  });
});
