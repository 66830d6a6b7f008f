import { createHash, generateKeyPairSync } from 'node:crypto';
import { fragmentPage, OAuth, type RegisterOptions } from '@oauth-registry/core';
import { decodeJwt, decodeProtectedHeader } from 'jose';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import { json } from '../../../support/provider/response.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString();

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const register = (more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('corp', openidClient(provider, more)).corp;
const queryOf = (url: string) => new URL(url).searchParams;

describe('pushed authorization requests (RFC 9126)', () => {
  const par = () => ({ pushed_authorization_request_endpoint: `${provider.base}/par` });

  it('[X12] happen by themselves if the metadata requires them (§5)', async () => {
    provider.quirks.metadata = { ...par(), require_pushed_authorization_requests: true };
    provider.on('unknown', () => json({ request_uri: 'urn:r:1', expires_in: 60 }, 201));
    const { url, state } = await register().createAuthorizationUrl(redirectUri, {
      prompt: 'login',
    });
    expect(Object.fromEntries(queryOf(url))).toEqual({
      client_id: provider.settings.clientId,
      request_uri: 'urn:r:1',
    });
    const { path, form, headers } = provider.last('unknown');
    expect(path).toBe('/par');
    expect(headers['authorization']).toMatch(/^Basic /);
    expect(Object.fromEntries(form)).toMatchObject({
      client_id: provider.settings.clientId,
      response_type: 'code',
      redirect_uri: redirectUri,
      code_challenge_method: 'S256',
      prompt: 'login',
      state,
    });
  });

  it('[X12] do not happen if they are merely possible', async () => {
    provider.quirks.metadata = par();
    const { url } = await register().createAuthorizationUrl(redirectUri);
    expect(queryOf(url).has('request_uri')).toBe(false);
    expect(provider.count('unknown')).toBe(0);
  });

  it.each([
    ['no endpoint', {}, json({}), 'invalid_options'],
    ['an error response', par, json({ error: 'invalid_request' }, 400), 'invalid_request'],
    ['no request_uri', par, json({ expires_in: 60 }, 201), 'invalid_response'],
    ['trouble', par, json({}, 503), 'provider_unavailable'],
  ] as const)(
    '[X12] fail before the user leaves for the provider: %s',
    async (_what, more, answer, code) => {
      provider.quirks.metadata = typeof more === 'function' ? more() : more;
      provider.on('unknown', () => answer);
      const client = register({ requirePushedAuthorizationRequests: true });
      const error = await rejection(client.createAuthorizationUrl(redirectUri));
      expect(error).toMatchObject({ code, phase: 'authorize', client: 'corp' });
    },
  );
});

describe('signed authorization requests (RFC 9101)', () => {
  it('[X12] happen by themselves if the metadata requires them (§10.5)', async () => {
    provider.quirks.metadata = { require_signed_request_object: true };
    const { url, nonce } = await register({ privateKey }).createAuthorizationUrl(redirectUri, {
      resource: ['https://a.example', 'https://b.example'],
      claims: { userinfo: { email: null } },
      authorization_details: [{ type: 'payment' }],
    });
    const request = queryOf(url).get('request') ?? '';
    expect(decodeProtectedHeader(request)).toMatchObject({
      typ: 'oauth-authz-req+jwt',
      alg: 'ES256',
    });
    const claims = decodeJwt(request);
    expect(claims).toMatchObject({
      aud: provider.issuer,
      nonce,
      resource: ['https://a.example', 'https://b.example'],
      claims: { userinfo: { email: null } },
      authorization_details: [{ type: 'payment' }],
      jti: expect.any(String) as string,
    });
    expect(Number(claims.exp) - Number(claims.nbf)).toBeLessThanOrEqual(3600);
  });

  it('[X12] need a key', async () => {
    provider.quirks.metadata = { require_signed_request_object: true };
    const error = await rejection(register().createAuthorizationUrl(redirectUri));
    expect(error).toMatchObject({ code: 'invalid_options' });
  });

  it.each<[option: string, more: object]>([
    ['requestObjectSigningAlg', { requestObjectSigningAlg: 'none' }],
    ['requestObjectSigningAlg', { requestObjectSigningAlg: 'ES256' }],
    ['requestObjectSigningAlg', { requestObjectSigningAlg: 'RS256', privateKey }],
    ['requestObjectSigningAlg', { requestObjectSigningAlg: 'HS256', clientSecret: undefined }],
    ['dpopKey', { dpop: false, dpopKey: privateKey }],
    ['authorizationSignedResponseAlg', { authorizationSignedResponseAlg: 'none' }],
    ['authorizationSignedResponseAlg', { authorizationSignedResponseAlg: 'ES256K' }],
    ['introspectionSignedResponseAlg', { introspectionSignedResponseAlg: 'none' }],
    ['responseMode', { responseMode: 'web_message' }],
  ])('[X12] refuses a "%s" that does not fit, and names it: %j', (option, more) => {
    expect(() => register(more as RegisterOptions)).toThrow(
      expect.objectContaining({
        code: 'invalid_options',
        message: expect.stringContaining(`"${option}"`) as string,
      }) as Error,
    );
  });
});

describe('a PEM text as the secret of private_key_jwt', () => {
  it('[A11] signs the request, too, and is no shared secret', async () => {
    const keyed = { clientSecret: privateKey, tokenEndpointAuthMethod: 'private_key_jwt' };
    const client = register({ ...keyed, requestObjectSigningAlg: 'ES256' });
    const { url } = await client.createAuthorizationUrl(redirectUri);
    expect(decodeProtectedHeader(queryOf(url).get('request') ?? '').alg).toBe('ES256');
    expect(() => register({ ...keyed, requestObjectSigningAlg: 'HS256' })).toThrow(
      /HS256, which needs a "clientSecret"/,
    );
  });
});

describe('parameters', () => {
  it('[X12] resource is repeated, claims and authorization_details are JSON (RFC 8707, RFC 9396)', async () => {
    const { url } = await register().createAuthorizationUrl(redirectUri, {
      resource: ['https://a.example', 'https://b.example'],
      claims: { id_token: { email: { essential: true } } },
      authorization_details: [{ type: 'payment', actions: ['read'] }],
    });
    const query = queryOf(url);
    expect(query.getAll('resource')).toEqual(['https://a.example', 'https://b.example']);
    expect(query.get('claims')).toBe('{"id_token":{"email":{"essential":true}}}');
    expect(query.get('authorization_details')).toBe('[{"type":"payment","actions":["read"]}]');
  });

  it.each([
    ['gold', {}, true],
    ['bronze', {}, true],
    [undefined, {}, true],
    ['gold', { essentialAcr: true }, true],
    ['silver', { essentialAcr: true }, true],
    ['bronze', { essentialAcr: true }, false],
    [undefined, { essentialAcr: true }, false],
    [null, { essentialAcr: true }, false],
  ])(
    '[X15] acr_values ask for a voluntary claim, and bind with "essentialAcr" (Core §5.5.1.1): %s, %j',
    async (acr, options, good) => {
      provider.idToken = ({ claims, sign }) =>
        sign(acr === undefined ? claims : { ...claims, acr });
      const client = register(options);
      const request = await client.createAuthorizationUrl(redirectUri, {
        acr_values: 'gold silver',
      });
      const done = client.fetchAccessToken((await comeBack(request)).href, request);
      if (good) expect((await done).userinfo?.['acr']).toBe(acr);
      else expect(await rejection(done)).toMatchObject({ code: 'invalid_id_token' });
    },
  );

  it.each([
    ['gold', { acr: { essential: true, values: ['gold', 'silver'] } }, true],
    ['bronze', { acr: { essential: true, values: ['gold', 'silver'] } }, false],
    ['bronze', { acr: { essential: true, value: 'gold' } }, false],
    [undefined, { acr: { essential: true, value: 'gold' } }, false],
    ['bronze', { acr: { values: ['gold'] } }, true],
    ['bronze', { acr: null }, true],
  ] as const)(
    '[X15] an essential acr is compared, too (Core §5.5.1.1): %s for %j',
    async (acr, wanted, good) => {
      provider.idToken = ({ claims, sign }) => sign(acr ? { ...claims, acr } : claims);
      const client = register();
      for (const claims of [{ id_token: wanted }, JSON.stringify({ id_token: wanted })]) {
        const request = await client.createAuthorizationUrl(redirectUri, { claims });
        const done = client.fetchAccessToken((await comeBack(request)).href, request);
        if (good) expect((await done).userinfo?.['acr']).toBe(acr);
        else
          expect((await rejection(done)).message).toContain('"acr" does not satisfy the requested');
      }
    },
  );

  it.each([
    'unmet_authentication_requirements',
    'request_not_supported',
    'invalid_request_object',
    'invalid_request_uri',
    'invalid_authorization_details',
    'registration_not_supported',
  ])('[X12] is refused with %s in the words of its specification', async (error) => {
    const client = register();
    const request = await client.createAuthorizationUrl(redirectUri);
    const answer = new URLSearchParams({ error, state: request.state, iss: provider.issuer });
    const refused = client.fetchAccessToken(answer, request);
    expect(await rejection(refused)).toMatchObject({ code: error, error, phase: 'callback' });
  });

  it('[X12] says what is wrong with claims that are no JSON', async () => {
    const refused = register().createAuthorizationUrl(redirectUri, { claims: '{' });
    expect(await rejection(refused)).toMatchObject({ code: 'invalid_options', phase: 'authorize' });
  });

  it('[X12] resource comes along to the token endpoint, repeated', async () => {
    provider.on('token', ({ form }) => {
      form.delete('resource');
      return undefined;
    });
    let sent: string[] = [];
    provider.on('token', ({ form }) => {
      sent = form.getAll('resource');
      return undefined;
    });
    await login(
      register({ accessTokenParams: { resource: ['https://a.example', 'https://b.example'] } }),
    ).catch(() => undefined);
    expect(sent).toEqual(['https://a.example', 'https://b.example']);
  });
});

describe('fragmentPage()', () => {
  it('[X12] runs its own script and nothing else', () => {
    const { html, headers } = fragmentPage();
    const script = /<script>(.*)<\/script>/.exec(html)?.[1] ?? '';
    const hash = createHash('sha256').update(script).digest('base64');
    expect(headers['content-security-policy']).toContain(`script-src 'sha256-${hash}'`);
    expect(headers['content-security-policy']).toContain("default-src 'none'");
    expect(headers['cache-control']).toBe('no-store');
  });
});
