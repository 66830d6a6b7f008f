import { generateKeyPairSync } from 'node:crypto';
import { OAuth } from '@oauth-registry/core';
import type { OAuth2Options } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { jwtVerify } from 'jose';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../../support/login.js';
import { json, startWire, type Wire, type WireRequest } from '../../../support/wire.js';

const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const pem = String(privateKey.export({ type: 'pkcs8', format: 'pem' }));

const tokens = 'POST https://oauth2.example/token';
let wire: Wire;
let issued = 0;

/** A token endpoint that verifies the assertion as Google and DocuSign do. */
async function issue({ form }: WireRequest) {
  if (form.get('grant_type') !== jwtBearer) return json({ error: 'unsupported_grant_type' }, 400);
  try {
    await jwtVerify(form.get('assertion') ?? '', publicKey, {
      issuer: 'robot@project.example',
      audience: 'https://oauth2.example/token',
      algorithms: ['RS256'],
      requiredClaims: ['exp', 'iat', 'sub', 'jti'],
      maxTokenAge: '10 minutes',
    });
  } catch {
    return json({ error: 'invalid_grant', error_description: 'Invalid JWT' }, 400);
  }
  issued += 1;
  return json({ access_token: `at-${issued}`, token_type: 'Bearer', expires_in: 3600 });
}

beforeEach(async () => {
  issued = 0;
  wire = await startWire({
    [tokens]: issue,
    'GET https://api.example/v1/files': ({ headers }) =>
      headers['authorization'] === 'Bearer at-1' && issued === 2
        ? json({ error: 'invalid_token' }, 401)
        : json({ as: headers['authorization'] }),
  });
});
afterEach(() => wire.close());

const robot = (options: OAuth2Options = {}, oauth: object = {}) =>
  new OAuth({ config: {}, fetch: wire.fetch, ...oauth }).register('robot', {
    accessTokenUrl: 'https://oauth2.example/token',
    apiBaseUrl: 'https://api.example/v1/',
    scope: 'files.read',
    grantType: jwtBearer,
    assertion: {
      key: { key: pem, kid: 'key-1' },
      issuer: 'robot@project.example',
      subject: 'ada@project.example',
      claims: { scope: 'files.read' },
      headers: { 'x-hint': '1' },
    },
    ...options,
  }).robot;

describe('a service account (RFC 7523 §2.1)', () => {
  it('calls an API with no code for tokens: one assertion until the token expires', async () => {
    const client = robot();
    const [one, two] = await Promise.all([client.get('files'), client.get('files')]);
    await client.get('files');
    expect([await one.json(), await two.json()]).toEqual([
      { as: 'Bearer at-1' },
      { as: 'Bearer at-1' },
    ]);
    expect(wire.count(tokens)).toBe(1);
  });

  it('sends the assertion with its claims and headers, and no client credentials', async () => {
    await robot().get('files');
    const { form, headers } = wire.last(tokens);
    expect([...form.keys()].toSorted()).toEqual(['assertion', 'grant_type', 'scope']);
    expect(headers['authorization']).toBeUndefined();
    const [head = '', body = ''] = (form.get('assertion') ?? '').split('.');
    const decode = (part: string): unknown => JSON.parse(Buffer.from(part, 'base64url').toString());
    expect(decode(head)).toEqual({ typ: 'JWT', alg: 'RS256', kid: 'key-1', 'x-hint': '1' });
    expect(decode(body)).toMatchObject({
      iss: 'robot@project.example',
      sub: 'ada@project.example',
      aud: 'https://oauth2.example/token',
      scope: 'files.read',
    });
  });

  it('authenticates the client besides, if `tokenEndpointAuthMethod` says so', async () => {
    await robot({
      clientId: 'app',
      clientSecret: 'secret',
      tokenEndpointAuthMethod: 'client_secret_basic',
    }).get('files');
    expect(wire.last(tokens).headers['authorization']).toBe(`Basic ${btoa('app:secret')}`);
  });

  it('requests a new token if the API rejects one, and with activeToken({ fresh: true })', async () => {
    const client = robot();
    expect((await client.activeToken()).access_token).toBe('at-1');
    expect((await client.activeToken({ fresh: true })).access_token).toBe('at-2');
    const response = await client.get('files', {
      token: { access_token: 'at-1', token_type: 'Bearer' },
    });
    expect(await response.json()).toEqual({ as: 'Bearer at-2' });
  });

  it('shares its token between processes through a store', async () => {
    const shared = { tokenStore: memoryStore(), secret: 'a secret of thirty-two characters' };
    await robot({}, shared).get('files');
    await robot({}, shared).get('files');
    expect(wire.count(tokens)).toBe(1);
  });

  it('reports what the provider says about a wrong assertion, without the key', async () => {
    const other = generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey;
    const wrong = String(other.export({ type: 'pkcs8', format: 'pem' }));
    const error = await rejection(
      robot({ assertion: { key: wrong, issuer: 'robot@project.example' } }).get('files'),
    );
    expect(error).toMatchObject({ code: 'invalid_grant', client: 'robot' });
    expect(JSON.stringify(error) + error.stack).not.toContain(wrong.slice(60, 100));
  });

  it.each<[OAuth2Options, RegExp]>([
    [{ assertion: undefined }, /needs an "assertion"/],
    [
      { grantType: 'client_credentials', clientId: 'a', clientSecret: 'b' },
      /"assertion" has no effect/,
    ],
    [{ grantType: 'refresh_token', assertion: undefined, clientId: 'a' }, /"grantType" must be/],
    [{ assertion: { key: pem, isuer: 'x' } as never }, /issuer/],
    [{ assertion: { key: pem } }, /"clientId" is missing/],
  ])('is checked at registration: %o', (options, problem) => {
    expect(() => robot(options)).toThrow(problem);
  });
});

describe('a grant of the provider’s own (RFC 6749 §4.5)', () => {
  const account = { grantType: 'account_credentials', accessTokenParams: { account_id: '42' } };
  beforeEach(() => {
    wire.routes[tokens] = ({ form, headers }) =>
      form.get('grant_type') === 'account_credentials' &&
      form.get('account_id') === '42' &&
      headers['authorization'] === `Basic ${btoa('app:secret')}`
        ? json({ access_token: 'zoom', token_type: 'bearer', expires_in: 3600 })
        : json({ error: 'invalid_request' }, 400);
  });
  const credentials = { clientId: 'app', clientSecret: 'secret', assertion: undefined };

  it('is requested for API calls, as Zoom’s server-to-server grant', async () => {
    const response = await robot({ ...credentials, ...account }).get('files');
    expect(await response.json()).toEqual({ as: 'Bearer zoom' });
  });

  it('is requested by grantToken()', async () => {
    const client = robot({ ...credentials, grantType: undefined });
    const token = await client.grants.grantToken({
      grant_type: 'account_credentials',
      account_id: '42',
    });
    expect(token.access_token).toBe('zoom');
    await expect(client.grants.grantToken({ account_id: '42' } as never)).rejects.toThrow(
      'grant_type',
    );
  });
});
