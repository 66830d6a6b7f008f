import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { ecKey, rsaKey, signJws, startProvider, type FakeProvider } from './index.js';

let p: FakeProvider;
let settings: FakeProvider['settings'];
const redirect_uri = 'https://app.example/callback';
const key = rsaKey(7);

beforeAll(async () => {
  p = await startProvider();
  settings = structuredClone({
    ...p.settings,
    jwks: { keys: [key.jwk] },
    redirectUris: [redirect_uri],
    offers: ['register', 'par', 'backchannel'],
  });
});
afterAll(() => p.close());
beforeEach(() => {
  p.reset();
  p.settings = structuredClone(settings);
});

const now = (): number => Math.floor(Date.now() / 1000);
const form = (fields: object): URLSearchParams =>
  new URLSearchParams(
    Object.entries(fields).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
const params = () => ({
  client_id: p.settings.clientId,
  response_type: 'code',
  scope: 'openid',
  redirect_uri,
  state: 's',
  code_challenge: 'A'.repeat(43),
  code_challenge_method: 'S256',
});
const claims = () => ({
  ...params(),
  iss: p.settings.clientId,
  aud: p.issuer,
  exp: now() + 60,
  jti: 'j',
});
const object = (change: object = {}, header: object = {}): string =>
  signJws({ ...claims(), ...change }, { alg: 'RS256', kid: key.kid, ...header }, key);
const beside = (change: object = {}) => {
  const { client_id, response_type, scope } = params();
  return { client_id, response_type, scope, ...change };
};
const unsigned = (): string =>
  `${signJws(claims(), { alg: 'none' }, key).split('.').slice(0, 2).join('.')}.`;

async function authorize(fields: object): Promise<number> {
  const query = form(fields);
  return (await fetch(`${p.base}/authorize?${query}`, { redirect: 'manual' })).status;
}
async function post(
  path: string,
  fields: object,
  headers: Record<string, string> = {},
): Promise<number> {
  const pair = [p.settings.clientId, p.settings.clientSecret].map((one) =>
    new URLSearchParams({ '': one }).toString().slice(1),
  );
  const basic = { authorization: `Basic ${btoa(pair.join(':'))}` };
  const all =
    p.settings.tokenEndpointAuthMethod === 'client_secret_basic'
      ? { ...basic, ...headers }
      : headers;
  return (await fetch(p.base + path, { method: 'POST', body: form(fields), headers: all })).status;
}

describe('the scripted provider as a judge of request objects (Core §6.1 to §6.3)', () => {
  it('accepts one with response_type and scope beside it', async () => {
    expect(await authorize({ ...beside(), request: object() })).toBe(302);
  });

  it.each<[string, () => object]>([
    [
      'no response_type beside it',
      () => ({ ...beside({ response_type: undefined }), request: object() }),
    ],
    ['no scope beside it', () => ({ ...beside({ scope: undefined }), request: object() })],
    [
      'a scope without openid beside it',
      () => ({ ...beside({ scope: 'email' }), request: object() }),
    ],
    [
      'another response_type inside',
      () => ({ ...beside(), request: object({ response_type: 'id_token' }) }),
    ],
    ['another client inside', () => ({ ...beside(), request: object({ client_id: 'x' }) })],
    ['another issuer inside', () => ({ ...beside(), request: object({ iss: 'x' }) })],
    ['another audience', () => ({ ...beside(), request: object({ aud: 'https://x.example' }) })],
    ['an end that is over', () => ({ ...beside(), request: object({ exp: now() - 1 }) })],
    ['a request inside', () => ({ ...beside(), request: object({ request: 'x' }) })],
    ['no signature', () => ({ ...beside(), request: unsigned() })],
    [
      'a foreign signature',
      () => ({ ...beside(), request: signJws(claims(), { alg: 'RS256' }, rsaKey(9)) }),
    ],
    [
      'a reference as well',
      () => ({ ...beside(), request: object(), request_uri: 'https://x.example' }),
    ],
    ['a reference that is not registered', () => ({ ...beside(), request_uri: `${p.base}/x` })],
  ])('refuses one with %s', async (_, fields) => {
    expect(await authorize(fields())).toBe(400);
  });
});

describe('the scripted provider as a judge of pushed requests (RFC 9126)', () => {
  it.each<[string, () => object, number]>([
    ['a form', () => params(), 201],
    [
      'an object and the client id',
      () => ({ client_id: p.settings.clientId, request: object() }),
      201,
    ],
    ['a request_uri', () => ({ ...params(), request_uri: 'https://x.example' }), 400],
    ['parameters beside an object', () => ({ ...params(), request: object() }), 400],
    ['an unknown redirect URI', () => ({ ...params(), redirect_uri: 'https://x.example' }), 400],
  ])('responds to %s as it must', async (_, fields, status) => {
    expect(await post('/connect/par', fields())).toBe(status);
  });
});

describe('the scripted provider as a judge of clients (Core §9)', () => {
  const assertion = (change: object = {}, by = key): string => {
    const id = p.settings.clientId;
    const right = { iss: id, sub: id, aud: p.issuer, exp: now() + 60, jti: 'j-1' };
    return signJws({ ...right, ...change }, { alg: 'RS256', kid: key.kid }, by);
  };
  const ask = (client_assertion: string) => {
    p.settings.tokenEndpointAuthMethod = 'private_key_jwt';
    const client_assertion_type = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';
    return post('/token', {
      grant_type: 'client_credentials',
      client_assertion,
      client_assertion_type,
    });
  };

  it('accepts an assertion once', async () => {
    const jwt = assertion({ jti: 'once' });
    expect([await ask(jwt), await ask(jwt)]).toEqual([200, 401]);
  });

  it.each([
    { iss: 'x' },
    { sub: 'x' },
    { aud: 'x' },
    { exp: 1 },
    { exp: undefined },
    { jti: undefined },
  ])('refuses an assertion with %j', async (change) => {
    expect(await ask(assertion(change))).toBe(401);
  });

  it('refuses an assertion by another key', async () => {
    expect(await ask(assertion({}, rsaKey(9)))).toBe(401);
  });
});

describe('the scripted provider as a judge of registrations (RFC 7591 §2)', () => {
  const register = async (metadata: object): Promise<number> => {
    const headers = { 'content-type': 'application/json' };
    const body = JSON.stringify({ redirect_uris: [redirect_uri], ...metadata });
    return (await fetch(`${p.base}/connect/register`, { method: 'POST', headers, body })).status;
  };
  it.each<[object, number]>([
    [{}, 201],
    [{ redirect_uris: [] }, 400],
    [{ redirect_uris: [`${redirect_uri}#x`] }, 400],
    [{ response_types: ['code id_token'] }, 400],
    [{ response_types: ['code id_token'], grant_types: ['authorization_code', 'implicit'] }, 201],
    [{ token_endpoint_auth_method: 'private_key_jwt' }, 400],
    [{ jwks: { keys: [] }, jwks_uri: 'https://app.example/jwks' }, 400],
    [{ request_object_signing_alg: 'RS256' }, 400],
    [{ id_token_signed_response_alg: 'none' }, 400],
  ])('responds to %j as it must', async (metadata, status) => {
    expect(await register(metadata)).toBe(status);
  });
});

describe('the scripted provider as a judge of backchannel requests (CIBA Core §7.1.1)', () => {
  const signed = (change: object = {}) => {
    const right = { iss: p.settings.clientId, aud: p.issuer, login_hint: 'ada', scope: 'openid' };
    const times = { exp: now() + 60, iat: now(), nbf: now(), jti: 'j' };
    return signJws({ ...right, ...times, ...change }, { alg: 'RS256', kid: key.kid }, key);
  };
  it.each<[string, () => object, number]>([
    ['everything in the JWT', () => ({ request: signed() }), 200],
    ['a parameter beside it', () => ({ request: signed(), login_hint: 'ada' }), 400],
    ['no nbf', () => ({ request: signed({ nbf: undefined }) }), 400],
    ['another audience', () => ({ request: signed({ aud: 'x' }) }), 400],
    ['two hints', () => ({ request: signed({ id_token_hint: 'x' }) }), 400],
    ['no signature at all', () => ({ login_hint: 'ada', scope: 'openid' }), 400],
  ])('responds to a request with %s as it must', async (_, fields, status) => {
    p.settings.backchannelSigningAlg = 'RS256';
    expect(await post('/connect/backchannel', fields())).toBe(status);
  });
});

describe('the scripted provider as a judge of logouts (RP-Initiated Logout §2)', () => {
  const hint = (change: object = {}): string => {
    const right = { iss: p.issuer, aud: p.settings.clientId, sub: 'user-1', exp: now() - 60 };
    const own = rsaKey();
    return signJws({ ...right, ...change }, { alg: 'RS256', kid: own.kid }, own);
  };
  it.each<[string, () => string, number]>([
    ['an id_token of its own that has expired', () => hint(), 200],
    ['an id_token of another issuer', () => hint({ iss: 'https://other.example' }), 400],
    ['an id_token of another client', () => hint({ aud: 'other' }), 400],
    ['what is no id_token', () => 'a.b.c', 400],
    ['a signature that was changed', () => `${hint().slice(0, -8)}AAAAAAAA`, 400],
  ])('responds to %s as it must', async (_, make, status) => {
    const query = new URLSearchParams({ id_token_hint: make() });
    expect((await fetch(`${p.base}/end_session?${query}`)).status).toBe(status);
  });
});

describe('the scripted provider as a judge of DPoP proofs (RFC 9449 §4.3)', () => {
  const { privateKey, jwk } = ecKey(7);
  const { kty, crv, x, y } = jwk;
  const proof = (change: object = {}, header: object = {}): string => {
    const right = { htm: 'POST', htu: `${p.base}/token`, iat: now(), jti: String(Math.random()) };
    const head = { typ: 'dpop+jwt', alg: 'ES256', jwk: { kty, crv, x, y } };
    return signJws({ ...right, ...change }, { ...head, ...header }, privateKey);
  };
  const ask = (dpop: string | undefined) => {
    p.settings.dpop = true;
    const headers: Record<string, string> = dpop === undefined ? {} : { dpop };
    return post('/token', { grant_type: 'client_credentials' }, headers);
  };

  it('accepts a proof once, and a request without one never', async () => {
    const right = proof();
    expect([await ask(right), await ask(right), await ask(undefined)]).toEqual([200, 400, 400]);
  });

  it.each<[object, object]>([
    [{ htm: 'GET' }, {}],
    [{ htu: 'https://x.example/token' }, {}],
    [{ iat: 1 }, {}],
    [{ jti: undefined }, {}],
    [{ ath: 'x' }, {}],
    [{}, { typ: 'JWT' }],
    [{}, { jwk: { kty, crv, x, y, d: 'secret' } }],
  ])('refuses a proof with %j and the header %j', async (change, header) => {
    expect(await ask(proof(change, header))).toBe(400);
  });
});
