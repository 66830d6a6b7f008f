import { createServer, type RequestListener, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { JWK } from 'jose';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { rsaKey } from '../../../../../test/support/provider/keys.js';
import { createHttp } from '../http/http.js';
import { defaultLimits } from '../../options/limits.js';
import { signJws } from '../../../../../test/support/provider/jws.js';
import { createJwks } from './jwks.js';
import { verifyWithJwks } from './signature.js';

const [k1, k2] = [rsaKey().jwk as JWK, rsaKey(2).jwk as JWK];
const rs256 = { alg: 'RS256', kid: 'k1' };
const unknown = (number = 0) => ({ alg: 'RS256', kid: `unknown-${number}` });

let server: Server;
let uri: string;
let requests: number;
let respond: (response: ServerResponse) => void;

const keys = (...set: unknown[]) => body(JSON.stringify({ keys: set }));
const body =
  (text: string, status = 200) =>
  (response: ServerResponse) =>
    void response.writeHead(status, { 'retry-after': '7' }).end(text);
const wait = (seconds: number) => vi.setSystemTime(Date.now() + seconds * 1000);
const remote = () => createJwks({ limits: defaultLimits, http: createHttp(), uri });
const fails = (code: string) => expect.objectContaining({ name: 'OAuthError', code });

beforeEach(async () => {
  vi.useFakeTimers({ toFake: ['Date'] });
  requests = 0;
  respond = keys(k1);
  const listener: RequestListener = (_request, response) => {
    requests++;
    respond(response);
  };
  server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  uri = `http://127.0.0.1:${(server.address() as AddressInfo).port}/jwks`;
});

afterEach(() => {
  vi.useRealTimers();
  server.closeAllConnections();
  server.close();
});

describe('fetching', () => {
  it('[X4] asks once for all callers, and again after 10 minutes', async () => {
    const jwks = remote();
    await Promise.all(Array.from({ length: 20 }, () => jwks.find(rs256)));
    wait(599);
    await jwks.find(rs256);
    expect(requests).toBe(1);
    wait(1);
    await Promise.all(Array.from({ length: 20 }, () => jwks.find(rs256)));
    expect(requests).toBe(2);
  });

  it('[X4] takes up a key that was rotated in a second after the first fetch, for all callers', async () => {
    const jwks = remote();
    await jwks.find(rs256);
    respond = keys(k2);
    wait(1);
    const found = Array.from({ length: 20 }, () => jwks.find({ alg: 'RS256', kid: 'k2' }));
    await expect(Promise.all(found)).resolves.toHaveLength(20);
    expect(requests).toBe(2);
    await expect(jwks.find(rs256)).resolves.toEqual([]);
  });

  it('[X4] N19-N23 asks once and five times more for 200 unknown kids within a minute, together or one after another', async () => {
    const jwks = remote();
    const flood = Array.from({ length: 100 }, (_, number) => jwks.find(unknown(number)));
    const outcomes = await Promise.allSettled(flood);
    expect(outcomes).toEqual(outcomes.map(() => ({ status: 'fulfilled', value: [] })));
    for (let number = 0; number < 100; number++) {
      await expect(jwks.find(unknown(number))).resolves.toEqual([]);
    }
    expect(requests).toBe(6);
    wait(60);
    await jwks.find(unknown(7));
    expect(requests).toBe(7);
    await expect(jwks.find(rs256)).resolves.toHaveLength(1);
  });

  it('[X4] takes up a second key that is rotated in within 30 seconds of the first', async () => {
    const jwks = remote();
    await jwks.find(rs256);
    respond = keys(k2);
    await expect(jwks.find({ alg: 'RS256', kid: 'k2' })).resolves.toHaveLength(1);
    respond = keys({ ...k1, kid: 'k3' });
    wait(1);
    await expect(jwks.find({ alg: 'RS256', kid: 'k3' })).resolves.toHaveLength(1);
    expect(requests).toBe(3);
  });

  it('asks as often in a minute as "limits.jwksRefetches" says, and no more', async () => {
    const limits = { ...defaultLimits, jwksRefetches: 2 };
    const jwks = createJwks({ http: createHttp(), uri, limits });
    for (let number = 0; number < 9; number++) await jwks.find(unknown(number));
    expect(requests).toBe(3);
  });

  it('[X4] asks for an unknown kid once in 30 seconds', async () => {
    const jwks = remote();
    const miss = () => expect(jwks.find(unknown())).resolves.toEqual([]);
    await miss();
    wait(29);
    await miss();
    expect(requests).toBe(2);
    wait(1);
    await miss();
    await miss();
    expect(requests).toBe(3);
  });

  it('[X4] N91 continues to verify with the known keys while the endpoint fails, and asks rarely', async () => {
    const jwks = remote();
    await jwks.find(rs256);
    respond = body('', 500);
    wait(3600);
    for (let count = 0; count < 50; count++) await jwks.find(rs256);
    expect(requests).toBe(2);
    await expect(jwks.find(unknown())).rejects.toEqual(fails('provider_unavailable'));
    expect(requests).toBe(2);
    respond = keys(k1, k2);
    wait(5);
    await expect(jwks.find({ alg: 'RS256', kid: 'k2' })).resolves.toHaveLength(1);
    expect(requests).toBe(3);
  });

  it('[X4] N91 retries an endpoint that never responded after 5, 10, 20, 40, 60, 60 seconds', async () => {
    respond = body('canary', 500);
    const jwks = remote();
    const failing = () => expect(jwks.find(rs256)).rejects.toEqual(fails('provider_unavailable'));
    await Promise.all(Array.from({ length: 50 }, failing));
    expect(requests).toBe(1);
    for (const [index, pause] of [5, 10, 20, 40, 60, 60].entries()) {
      wait(pause - 1);
      await failing();
      expect(requests).toBe(index + 1);
      wait(1);
      await failing();
      expect(requests).toBe(index + 2);
    }
    respond = keys(k1);
    wait(60);
    await expect(jwks.find(rs256)).resolves.toHaveLength(1);
  });

  it('[X4] forgets earlier failures after a success', async () => {
    respond = body('', 500);
    const jwks = remote();
    const failing = () => expect(jwks.all(true)).rejects.toEqual(fails('provider_unavailable'));
    await failing();
    wait(5);
    await failing();
    wait(10);
    respond = keys(k1);
    await jwks.all(true);
    respond = body('', 500);
    await failing();
    wait(5);
    respond = keys(k1);
    await expect(jwks.all(true)).resolves.toBeDefined();
  });

  it('[X4] does not let a failed renewal use up the next one', async () => {
    const jwks = remote();
    await jwks.find(rs256);
    respond = body('', 503);
    await expect(jwks.find(unknown())).rejects.toEqual(fails('provider_unavailable'));
    respond = keys(k2);
    wait(5);
    await expect(jwks.find({ alg: 'RS256', kid: 'k2' })).resolves.toHaveLength(1);
  });

  it.each([
    ['N91 a status of 500', body('{"keys":[]}', 500), 'provider_unavailable'],
    ['a status of 404', body('{"keys":[]}', 404), 'provider_unavailable'],
    ['N92 keys that are no list', body('{"keys":{}}'), 'invalid_metadata'],
    ['a list instead of an object', body('[]'), 'invalid_metadata'],
    ['a page instead of JSON', body('<html>canary'), 'invalid_metadata'],
    ['more than 100 keys', keys(...Array.from({ length: 101 }, () => ({}))), 'invalid_metadata'],
    [
      'a redirect',
      (r: ServerResponse) => void r.writeHead(302, { location: uri }).end(),
      'invalid_response',
    ],
    ['a byte over 256 KB', body(`{"keys":[]}${' '.repeat(262_144 - 10)}`), 'response_too_large'],
    ['a dropped connection', (r: ServerResponse) => void r.destroy(), 'provider_unavailable'],
  ])('[X4] refuses %s', async (_title, broken, code) => {
    respond = broken;
    const error = await Promise.resolve(remote().find(rs256)).catch((thrown: unknown) => thrown);
    expect(error).toEqual(fails(code));
    expect(String((error as Error).stack)).not.toContain('canary');
  });

  it('says how long the provider asks to wait', async () => {
    respond = body('', 503);
    await expect(remote().find(rs256)).rejects.toMatchObject({
      providerStatus: 503,
      retryAfter: 7,
    });
  });

  it('accepts a set of 256 KB', async () => {
    const set = JSON.stringify({ keys: [k1] });
    respond = body(set.padEnd(262_144));
    await expect(remote().find(rs256)).resolves.toHaveLength(1);
  });

  it('accepts a set of 100 keys, and of none', async () => {
    respond = keys(k1, ...Array.from({ length: 99 }, () => ({})));
    await expect(remote().find(rs256)).resolves.toHaveLength(1);
    respond = keys();
    await expect(remote().find(rs256)).resolves.toEqual([]);
  });

  it('accepts as many keys and bytes as the limits say, and no more', async () => {
    const limited = (limits: object) =>
      createJwks({ http: createHttp(), uri, limits: { ...defaultLimits, ...limits } }).find(rs256);
    respond = keys(k1, {});
    await expect(limited({ jwksKeys: 2 })).resolves.toHaveLength(1);
    await expect(limited({ jwksKeys: 1 })).rejects.toThrow('"limits.jwksKeys"');
    const { length } = JSON.stringify({ keys: [k1, {}] });
    await expect(limited({ jwksBytes: length })).resolves.toHaveLength(1);
    const tooLarge = { code: 'response_too_large' };
    await expect(limited({ jwksBytes: length - 1 })).rejects.toMatchObject(tooLarge);
  });

  it('imports none of 100 keys without members', async () => {
    const imported = vi.spyOn(crypto.subtle, 'importKey');
    respond = keys(...Array.from({ length: 99 }, () => ({ kty: 'RSA', kid: 'k1', n: '', e: '' })), {
      kty: 'RSA',
    });
    await expect(remote().find(rs256)).resolves.toEqual([]);
    expect(imported).not.toHaveBeenCalled();
    imported.mockRestore();
  });

  it('says for which client and at which URL it failed', async () => {
    respond = body('', 503);
    const jwks = createJwks({
      limits: defaultLimits,
      http: createHttp(),
      uri: `${uri}?secret`,
      client: 'corp',
    });
    const error = await Promise.resolve(jwks.find(rs256)).catch(String);
    expect(error).toContain(`of "corp" at ${uri} could not`);
    expect(error).not.toContain('secret');
  });

  it('asks the URL for what the keys given by hand lack', async () => {
    const jwks = createJwks({ limits: defaultLimits, http: createHttp(), uri, keys: [k1] });
    respond = keys(k2);
    await expect(jwks.find(rs256)).resolves.toHaveLength(1);
    expect(requests).toBe(0);
    await expect(jwks.find({ alg: 'RS256', kid: 'k2' })).resolves.toHaveLength(1);
    expect(requests).toBe(1);
    await expect(jwks.all()).resolves.toEqual({ keys: [k1, k2] });
  });

  it('never asks when the keys are given by hand', async () => {
    const jwks = createJwks({ limits: defaultLimits, keys: [k1] });
    await expect(jwks.find(rs256)).resolves.toHaveLength(1);
    await expect(jwks.find(unknown())).resolves.toEqual([]);
    await expect(jwks.all(true)).resolves.toEqual({ keys: [k1] });
  });
});

describe('all', () => {
  it('returns the cached set, and with force a new one that find() then uses', async () => {
    const jwks = remote();
    await expect(jwks.all()).resolves.toEqual({ keys: [k1] });
    respond = keys(k2);
    await expect(jwks.all()).resolves.toEqual({ keys: [k1] });
    await expect(jwks.all(true)).resolves.toEqual({ keys: [k2] });
    await jwks.find({ alg: 'RS256', kid: 'k2' });
    expect(requests).toBe(2);
  });

  it('hands out a copy', async () => {
    const jwks = remote();
    (await jwks.all()).keys.length = 0;
    await expect(jwks.all()).resolves.toEqual({ keys: [k1] });
  });
});

describe('verifying a signature', () => {
  const subject = { what: 'test token', code: 'invalid_token' } as const;
  const [older, newer, other] = [k1, { ...k2, kid: 'k1' }, { ...rsaKey(3).jwk, kid: 'k1' } as JWK];
  const withLimit = (keysPerSignature: number) =>
    createJwks({ limits: { ...defaultLimits, keysPerSignature }, http: createHttp(), uri });
  /** Verifies a JWS that `newer` has signed. */
  const verify = async (jwks = remote(), header: { alg: string; kid?: string } = rs256) => {
    const jws = signJws('signed', header, rsaKey(2));
    const payload = await verifyWithJwks(jws, header, { ...subject, jwks });
    return new TextDecoder().decode(payload);
  };

  it('rejects it without keys, and without a key for it', async () => {
    const jws = signJws('signed', rs256, rsaKey());
    const none = verifyWithJwks(jws, rs256, { ...subject, jwks: undefined });
    await expect(none).rejects.toMatchObject({ code: 'invalid_token', reason: 'key' });
    respond = keys({ ...k1, kid: 'k2' });
    await expect(verify()).rejects.toMatchObject({ code: 'invalid_token', reason: 'key' });
  });

  it('needs no "kid" if there is one key (OpenID Connect Core §10.1)', async () => {
    respond = keys(newer);
    await expect(verify(remote(), { alg: 'RS256' })).resolves.toBe('signed');
    expect(requests).toBe(1);
    respond = keys(older, newer);
    const several = verify(remote(), { alg: 'RS256' });
    await expect(several).rejects.toMatchObject({ code: 'invalid_token', reason: 'key' });
  });

  it('tries as many keys with its "kid" as the limit allows', async () => {
    respond = keys(older, newer);
    await expect(verify(withLimit(2))).resolves.toBe('signed');
    await expect(verify(withLimit(1))).rejects.toMatchObject({ reason: 'signature' });
  });

  it('fetches the keys once more, and tries as many new ones', async () => {
    const rotated = async (...set: JWK[]) => {
      const jwks = withLimit(1);
      respond = keys(older);
      await jwks.all();
      respond = keys(...set);
      return await verify(jwks);
    };
    await expect(rotated(newer)).resolves.toBe('signed');
    await expect(rotated(newer, other)).resolves.toBe('signed');
    await expect(rotated(other, newer)).rejects.toMatchObject({ reason: 'signature' });
  });

  it('is rejected as such if the keys cannot be fetched again', async () => {
    const jwks = remote();
    await jwks.all();
    respond = body('', 503);
    await expect(verify(jwks)).rejects.toMatchObject({
      code: 'invalid_token',
      reason: 'signature',
    });
  });
});
