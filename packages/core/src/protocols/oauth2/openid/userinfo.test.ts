import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { createHttp } from '../../../platform/http/http.js';
import { checkSubject, fetchProfile, type ProfileReader } from './userinfo.js';

/** Closed after each test. */
const opened: { close(): void }[] = [];
afterEach(() => {
  for (const server of opened.splice(0)) server.close();
});

type Quirks = Omit<ProfileReader, 'quirks'> & NonNullable<ProfileReader['quirks']>;
interface Sent {
  status?: number;
  headers?: Record<string, string>;
}

/** Fetches a profile from a server that sends this response. */
async function fetched(body: unknown, quirks?: Quirks, { status = 200, headers = {} }: Sent = {}) {
  const server = createServer((_, response) => {
    response.writeHead(status, headers);
    response.end(typeof body === 'string' ? body : JSON.stringify(body));
  });
  opened.push(server);
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const url = new URL(`http://127.0.0.1:${port}/me`);
  const request = { method: 'GET', url, headers: {}, body: null };
  return await fetchProfile(createHttp(), request, { ...quirks, quirks });
}

const refused = (code: string, message = '') =>
  expect.objectContaining({ code, message: expect.stringContaining(message) as string });

describe('a profile', () => {
  it('is a JSON object', async () => {
    expect(await fetched({ sub: 'u', a: 1 })).toEqual({ sub: 'u', a: 1 });
    expect(await fetched({ sub: 'u' }, {}, { status: 299 })).toEqual({ sub: 'u' });
    for (const body of ['<html>', '[]', '']) {
      await expect(fetched(body)).rejects.toMatchObject({
        code: 'invalid_userinfo',
        providerStatus: 200,
      });
    }
  });

  it('is what the hook returns, or else is read as JSON', async () => {
    const transformResponse = (_: string, text: string) =>
      text.startsWith('name=') ? { sub: text.slice(5) } : undefined;
    expect(await fetched('name=ada', { transformResponse })).toEqual({ sub: 'ada' });
    expect(await fetched({ sub: 'u' }, { transformResponse })).toEqual({ sub: 'u' });
    await expect(fetched('<html>', { transformResponse })).rejects.toEqual(
      refused('invalid_userinfo', '"transformResponse" returned nothing'),
    );
    const last = { status: 299 };
    expect(await fetched('name=ada', { transformResponse }, last)).toEqual({ sub: 'ada' });
  });

  it('is neither transformed nor verified in an error response', async () => {
    const never = (): never => {
      throw new Error('It was called.');
    };
    const quirks = { transformResponse: never, openJwt: never };
    const sent = { status: 403, headers: { 'content-type': 'application/jwt' } };
    await expect(fetched('a.b.c', quirks, sent)).rejects.toEqual(refused('provider_refused'));
  });

  it('that was transformed is not verified as well', async () => {
    const openJwt = async () => ({ sub: 'verified' });
    const transformResponse = () => ({ sub: 'transformed' });
    const sent = { headers: { 'content-type': 'application/jwt' } };
    expect(await fetched('a.b.c', { openJwt, transformResponse }, sent)).toEqual({
      sub: 'transformed',
    });
  });

  it('is read as JSON by a client that verifies none', async () => {
    const sent = { headers: { 'content-type': 'application/jwt' } };
    expect(await fetched({ sub: 'u' }, {}, sent)).toEqual({ sub: 'u' });
  });

  it.each([
    ['application/jwt', {}, ' a.b.c\n', 'a.b.c'],
    ['Application/JWT; charset=utf-8', {}, 'a.b.c', 'a.b.c'],
    ['application/json', {}, '{"sub":"u"}', 'not called'],
    ['text/plain; of=application/jwt', {}, '{"sub":"u"}', 'not called'],
    [undefined, {}, '{"sub":"u"}', 'not called'],
    ['application/json', { userinfoSignedResponseAlg: 'RS256' }, '{"sub":"u"}', undefined],
    ['application/json', { userinfoEncryptedResponseAlg: 'ECDH-ES' }, '{"sub":"u"}', undefined],
  ])(
    'of the type %s is verified as a JWT if it is, or must be, one',
    async (type, quirks, body, jwt) => {
      let given: unknown = 'not called';
      const openJwt = async (text: string | undefined) => {
        given = text;
        return { sub: 'verified' };
      };
      const headers: Record<string, string> = type === undefined ? {} : { 'content-type': type };
      const profile = await fetched(body, { ...quirks, openJwt }, { headers });
      expect(given).toBe(jwt);
      expect(profile).toEqual({ sub: jwt === 'not called' ? 'u' : 'verified' });
    },
  );

  it('that is an error with status 200 is one, unless it has a subject', async () => {
    await expect(fetched({ error: 'invalid_token' })).rejects.toEqual(refused('invalid_token'));
    expect(await fetched({ sub: 'u', error: 'x' })).toEqual({ sub: 'u', error: 'x' });
    const errors = [{ when: 'ok', is: false, code: 'invalid_token' }] as never;
    await expect(fetched({ ok: false }, { errors })).rejects.toEqual(refused('invalid_token'));
  });
});

describe('an error response of the userinfo endpoint', () => {
  it.each([
    [401, 'invalid_token', 'log in again'],
    [403, 'provider_refused', 'may lack a scope'],
    [400, 'provider_refused', 'rejected the token (HTTP 400)'],
    [302, 'invalid_response', ''],
    [503, 'provider_unavailable', ''],
  ])('with the status %d is %s', async (status, code, message) => {
    await expect(fetched({}, {}, { status })).rejects.toEqual(refused(code, message));
  });

  it('has the code of the provider, but a 401 always concerns the token', async () => {
    const body = { error: 'access_denied' };
    await expect(fetched(body, {}, { status: 400 })).rejects.toEqual(
      refused('access_denied', 'See error.error'),
    );
    await expect(fetched(body, {}, { status: 401 })).rejects.toEqual(refused('invalid_token'));
    await expect(fetched({}, {}, { status: 503 })).rejects.not.toThrow('rejected the token');
  });

  it('gives advice only if there is some', async () => {
    await expect(fetched({}, {}, { status: 400 })).rejects.not.toThrow(/log in again|lack a scope/);
  });

  it('has the fields of the provider, without the access token', async () => {
    const body = {
      error: 'strange',
      error_description: 'Token at-secret is bad',
      error_uri: 'https://e.example',
    };
    const headers = { 'retry-after': '7' };
    const error = fetched(body, { accessToken: 'at-secret' }, { status: 429, headers });
    await expect(error).rejects.toMatchObject({ providerStatus: 429, retryAfter: 7 });
    const refusal = fetched(body, { accessToken: 'at-secret' }, { status: 400 });
    await expect(refusal).rejects.toMatchObject({
      error: 'strange',
      error_uri: 'https://e.example',
      error_description: expect.not.stringContaining('at-secret') as string,
    });
  });

  it('names the scope to request (RFC 6750 §3.1)', async () => {
    const headers = { 'www-authenticate': 'Bearer error="insufficient_scope", scope="email"' };
    const error = fetched({}, { granted: 'profile' }, { status: 403, headers });
    await expect(error).rejects.toMatchObject({
      code: 'insufficient_scope',
      params: { scope: 'profile email' },
      message: expect.stringContaining('may lack a scope') as string,
    });
    await expect(fetched({}, {}, { status: 401, headers })).rejects.toEqual(
      refused('insufficient_scope', 'may lack a scope'),
    );
  });
});

describe('the subject of a profile (OpenID Connect Core §5.3.2)', () => {
  const token = { access_token: 'a', token_type: 'Bearer' };
  const verified = { ...token, userinfo: { iss: 'https://id.example', sub: 'u' } };
  const stored = (claims: object) => ({
    ...token,
    id_token: `e30.${Buffer.from(JSON.stringify(claims)).toString('base64url')}.x`,
  });

  it('must be that of the id_token', () => {
    expect(checkSubject({ sub: 'u' }, verified)).toBe('u');
    expect(checkSubject({ sub: 'u' }, stored({ sub: 'u' }))).toBe('u');
    for (const profile of [{ sub: 'v' }, {}, { sub: 7 }, { sub: '' }]) {
      for (const one of [verified, stored({ sub: 'u' })])
        expect(() => checkSubject(profile, one)).toThrow(refused('invalid_userinfo'));
    }
  });

  it('is not compared without an id_token', () => {
    expect(checkSubject({ sub: 'u' }, token)).toBeUndefined();
    expect(checkSubject({ sub: 'v' }, { ...token, userinfo: { sub: 'u' } })).toBeUndefined();
  });

  it('is rejected if the id_token has none', () => {
    const without = { ...token, userinfo: { iss: 'https://id.example' } } as never;
    expect(() => checkSubject({ sub: '' }, without)).toThrow(refused('invalid_userinfo'));
    expect(() => checkSubject({ sub: 'u' }, stored({}))).toThrow(refused('invalid_token'));
    expect(() => checkSubject({ sub: 'u' }, { ...token, id_token: 'x' })).toThrow(
      refused('invalid_token'),
    );
  });
});
