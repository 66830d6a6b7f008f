import { generateKeyPairSync } from 'node:crypto';
import { createContext, runInContext } from 'node:vm';
import { jwtVerify } from 'jose';
import { rolldown, type OutputChunk } from 'rolldown';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type * as core from '@oauth-registry/core';
import { signRequest } from '@oauth-registry/core/oauth1';
import { testKey } from '../data/oauth1-vectors.js';
import { readHeader } from '../support/oauth1-header.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';
import { oauth1Client, openid2Client, openidClient, plainClient } from '../support/apps/express.js';
import { login } from '../support/login.js';

const source = new URL('../../packages/core/src/', import.meta.url).pathname;

/** Everything that is public and not for Node alone, as a bundler for the edge puts it together. */
const entry = ['index', 'oauth1', 'providers', 'adapter']
  .map((name) => `export * from ${JSON.stringify(`${source}${name}.ts`)};`)
  .join('\n');

/** What WinterTC's minimum common API has and this package may use; there is no `process`. */
const webGlobals = [
  'AbortController',
  'AbortSignal',
  // As in a real runtime, that of `crypto`.
  'ArrayBuffer',
  'Blob',
  'CryptoKey',
  'DOMException',
  'FormData',
  'Headers',
  'ReadableStream',
  'Request',
  'Response',
  'TextDecoder',
  'TextEncoder',
  'URL',
  'URLSearchParams',
  'atob',
  'btoa',
  'clearTimeout',
  'crypto',
  'fetch',
  'performance',
  'queueMicrotask',
  'setTimeout',
  'structuredClone',
] as const;

const photos = 'http://photos.example.net/photos';

let provider: FakeProvider;
let code: string;
let imports: string[];
let edge: typeof core & { signRequest: typeof signRequest };

async function bundled(text: string): Promise<OutputChunk> {
  const bundle = await rolldown({
    input: 'entry',
    platform: 'browser',
    logLevel: 'silent',
    plugins: [
      {
        name: 'entry',
        resolveId: (id) => (id === 'entry' ? id : null),
        load: (id) => (id === 'entry' ? text : null),
      },
    ],
  });
  const { output } = await bundle.generate({ format: 'iife', name: 'bundled', minify: true });
  await bundle.close();
  return output[0];
}

beforeAll(async () => {
  provider = await startProvider();
  ({ code, imports } = await bundled(entry));
  const globals = Object.fromEntries(webGlobals.map((name) => [name, globalThis[name]]));
  edge = runInContext(`${code}; bundled`, createContext(globals)) as typeof edge;
}, 60_000);
afterAll(() => provider.close());

describe('core in a runtime of web standards alone', () => {
  it('[X13] bundles into one file that imports nothing', () => {
    expect(imports).toEqual([]);
    expect(code).not.toMatch(/\brequire\(|\bimport\(|from ['"]node:/);
  });

  it('shakes down to the presets that are named: no engine, no other provider', async () => {
    const { code: preset } = await bundled(
      `import { github } from ${JSON.stringify(`${source}providers.ts`)}; export const options = github();`,
    );

    expect(preset).toContain('https://api.github.com/');
    for (const part of ['accounts.google.com', 'oauth_signature', 'code_challenge']) {
      expect(code).toContain(part);
      expect(preset).not.toContain(part);
    }
    expect(preset.length).toBeLessThan(6500);
  });

  it('[X13] has neither process nor modules of Node there', () => {
    const probe = createContext({});
    expect(runInContext('typeof process + typeof require + typeof Buffer', probe)).toBe(
      'undefinedundefinedundefined',
    );
    expect(() => new edge.OAuth().register('corp', {})).toThrow(/"clientId" is missing/);
  });

  it.each(['plain', 'openid', 'one', 'old'])('[X13] logs in with %s', async (name) => {
    const clients = {
      plain: plainClient(provider),
      openid: openidClient(provider),
      one: oauth1Client(provider),
      old: openid2Client(provider),
    };
    const oauth = new edge.OAuth({ config: {} }).registerAll(clients);
    provider.settings.openid = name === 'openid';
    const client = oauth.createClient(name);
    const token = await login(client);
    if (name === 'openid') expect(token.userinfo?.sub).toBe('user-1');
    if (name === 'old') return;
    const answer = await client.get('me', { token });
    expect(answer.status).toBe(200);
  });

  // With "oauth_version", as it is always sent; the example of RFC 5849 §1.2 is without.
  it('[X13] signs with HMAC-SHA1, as the example of OAuth Core 1.0a §A.5 does', async () => {
    const signed = await edge.signRequest(
      { method: 'GET', url: `${photos}?file=vacation.jpg&size=original` },
      {
        clientId: 'dpf43f3p2l4k3l03',
        clientSecret: 'kd94hf93k423kf44',
        token: 'nnch734d00sl2jdk',
        tokenSecret: 'pfkkdhi9sl3r4s00',
      },
      { nonce: 'kllo9940pd9333jh', timestamp: '1191242096' },
    );
    expect(readHeader(signed)['oauth_signature']).toBe('tR3+Ty81lMeYAr/Fid0kMTYa/WM=');
  });

  it('[X13] signs with RSA-SHA1, as the OAuth test cases wiki does', async () => {
    const signed = await edge.signRequest(
      { method: 'GET', url: `${photos}?file=vacaction.jpg&size=original` },
      { clientId: 'dpf43f3p2l4k3l03', rsaKey: testKey('wiki-rsa') },
      { signatureMethod: 'RSA-SHA1', nonce: '13917289812797014437', timestamp: '1196666512' },
    );
    expect(readHeader(signed)['oauth_signature']).toBe(
      'jvTp/wX1TYtByB1m+Pbyo0lnCOLIsyGCH7wke8AUs3BpnwZJtAuEJkvQL2/9n4s5wUmUl4aCI4BwpraNx4RtEXMe5qg5' +
        'T1LVTGliMRpKasKsW//e+RinhejgCuzoH26dyF8iY2ZZ/5D1ilgeijhV/vBka5twt399mXwaYdCwFYE=',
    );
  });

  it.each(['HMAC-SHA256', 'HMAC-SHA512', 'RSA-SHA256', 'RSA-SHA512', 'PLAINTEXT'])(
    '[X13] signs with %s as it does on Node.js, with a form and its body hash',
    async (signatureMethod) => {
      const who = { clientId: 'ck', clientSecret: 'cs', rsaKey: testKey('oauthlib-rsa') };
      const post = { method: 'POST', url: 'https://api.example/x?a=%C3%A9' };
      const options = { signatureMethod, nonce: 'n', timestamp: '1', forceIncludeBody: true };
      for (const body of [new URLSearchParams({ b: '2' }), new Blob(['{"a":1}'])]) {
        const signed = await edge.signRequest({ ...post, body }, who, options);
        expect(signed).toEqual(await signRequest({ ...post, body }, who, options));
      }
    },
  );

  it('[X13] signs with a private RSA key as PKCS #8 text, and names what PKCS #1 text is', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
    const pem = (type: 'pkcs1' | 'pkcs8') => privateKey.export({ type, format: 'pem' }).toString();
    const request = { method: 'GET', url: photos };
    const options = { signatureMethod: 'RSA-SHA1', nonce: 'n', timestamp: '1' };
    const signed = await edge.signRequest(
      request,
      { clientId: 'ck', rsaKey: pem('pkcs8') },
      options,
    );
    expect(signed).toEqual(
      await signRequest(request, { clientId: 'ck', rsaKey: pem('pkcs1') }, options),
    );
    await expect(
      edge.signRequest(request, { clientId: 'ck', rsaKey: pem('pkcs1') }, options),
    ).rejects.toThrow(/"rsaKey" is not PKCS #8, which this runtime needs; convert it/);
    const short = generateKeyPairSync('rsa', { modulusLength: 1023 }).privateKey;
    const rsaKey = short.export({ type: 'pkcs8', format: 'pem' }).toString();
    await expect(edge.signRequest(request, { clientId: 'ck', rsaKey }, options)).rejects.toThrow(
      /has 1023 bits/,
    );
  });

  it('[X13] authenticates there with a private key as PKCS #8 text', async () => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const pem = (type: 'sec1' | 'pkcs8') => privateKey.export({ type, format: 'pem' }).toString();
    const register = (key: string) =>
      new edge.OAuth({ config: {} }).register('plain', {
        ...plainClient(provider),
        clientSecret: undefined,
        privateKey: key,
      });
    const { tokenEndpointAuthMethod } = provider.settings;
    provider.settings.tokenEndpointAuthMethod = 'none';
    await login(register(pem('pkcs8')).plain);
    provider.settings.tokenEndpointAuthMethod = tokenEndpointAuthMethod;
    const assertion = provider.last('token').form.get('client_assertion') ?? '';
    expect((await jwtVerify(assertion, publicKey)).protectedHeader.alg).toBe('ES256');
    expect(() => register(pem('sec1'))).toThrow(/"privateKey" must be a private/);
  });

  it('[X13] refuses there what it refuses here', async () => {
    provider.settings.openid = true;
    provider.idToken = ({ sign, claims }) => sign({ ...claims, aud: 'somebody else' });
    const oauth = new edge.OAuth({ config: {} }).register('openid', openidClient(provider));
    const error: unknown = await login(oauth.openid).catch((thrown: unknown) => thrown);
    provider.reset();
    expect(error).toMatchObject({ code: 'invalid_id_token' });
    expect(edge.isOAuthError(error)).toBe(true);
  });
});
