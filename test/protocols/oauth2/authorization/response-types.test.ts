import { describe, expect } from 'vitest';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { ResponseType } from '@oauth-registry/core/types';
import type { FakeProvider, IdTokenHook } from '../../../support/provider/index.js';
import { posted, redirectUri, rejection } from '../../../support/login.js';
import { it } from '../../../support/fixtures.js';

function clientOf(p: FakeProvider, responseType?: ResponseType, more: RegisterOptions = {}) {
  const { clientId, clientSecret } = p.settings;
  return new OAuth({ config: {} }).register('corp', {
    clientId,
    clientSecret,
    issuer: p.issuer,
    scope: 'openid email',
    responseType,
    ...more,
  }).corp;
}

async function logIn(
  p: FakeProvider,
  responseType?: ResponseType,
  spoil: (form: URLSearchParams) => void = () => {},
) {
  const client = clientOf(p, responseType);
  const request = await client.createAuthorizationUrl(redirectUri);
  const form = await posted(request);
  spoil(form);
  return await client.fetchAccessToken(form, request);
}

const withCode: ResponseType[] = ['code id_token', 'code token', 'code id_token token'];
const withoutCode: ResponseType[] = ['id_token', 'id_token token'];
const withIdToken = [...withCode, ...withoutCode].filter((type) => type.includes('id_token'));

/** An id_token of the authorization endpoint with other claims. */
const front =
  (change: (right: Record<string, unknown>) => Record<string, unknown>): IdTokenHook =>
  ({ claims, sign, grantType }) =>
    sign(grantType === 'implicit' ? { ...claims, ...change(claims) } : claims);

describe('[A20] response types', () => {
  it.for(withCode)('logs in with "%s": PKCE, nonce, form_post', async (type, { provider: p }) => {
    const token = await logIn(p, type);
    const { params } = p.last('authorize');
    expect(params.get('response_type')).toBe(type);
    expect(params.get('response_mode')).toBe('form_post');
    expect(params.get('code_challenge_method')).toBe('S256');
    expect(params.get('nonce')).toMatch(/^[\w-]{43}$/);
    expect(token.userinfo?.sub).toBe('user-1');
    expect(p.count('token')).toBe(1);
    expect(token.access_token).toMatch(/^at-/);
    expect(token.refresh_token).toMatch(/^rt-/);
  });

  it.for(withoutCode)(
    'logs in with "%s", without a code or PKCE',
    async (type, { provider: p }) => {
      const token = await logIn(p, type);
      expect(p.last('authorize').params.has('code_challenge')).toBe(false);
      expect(p.count('token')).toBe(0);
      expect(token.userinfo?.sub).toBe('user-1');
      expect(token.id_token).toMatch(/^e/);
      expect(typeof token.access_token).toBe(type === 'id_token' ? 'undefined' : 'string');
      expect(token.expires_in).toBe(type === 'id_token' ? undefined : 3600);
    },
  );

  it('asks for a code unless told otherwise, and takes no token with it', async ({
    provider: p,
  }) => {
    const client = clientOf(p, undefined, { responseMode: 'form_post' });
    const request = await client.createAuthorizationUrl(redirectUri);
    expect(new URL(request.url).searchParams.get('response_type')).toBe('code');
    const form = await posted(request);
    form.set('access_token', 'injected');
    const error = await rejection(client.fetchAccessToken(form, request));
    expect(error.code).toBe('invalid_callback');
    expect(p.count('token')).toBe(0);
  });

  it.for(withIdToken)(
    '"%s" verifies the id_token before a code is sent anywhere',
    async (type, { provider: p }) => {
      for (const change of [
        () => ({ nonce: 'another' }),
        () => ({ aud: 'another' }),
        () => ({ iss: 'https://evil.example' }),
        () => ({ exp: 1 }),
      ]) {
        p.idToken = front(change);
        expect((await rejection(logIn(p, type))).code).toBe('invalid_id_token');
      }
      expect(p.count('token')).toBe(0);
    },
  );

  it.for(withIdToken.filter((type) => type.includes('code')))(
    '"%s" demands a right c_hash (OpenID Connect Core §3.3.2.11)',
    async (type, { provider: p }) => {
      for (const value of [undefined, 'AAAAAAAAAAAAAAAAAAAAAA']) {
        p.idToken = front(() => ({ c_hash: value }));
        expect((await rejection(logIn(p, type))).message).toContain('"c_hash"');
      }
      p.idToken = undefined;
      const injected = logIn(p, type, (form) => form.set('code', 'another'));
      expect((await rejection(injected)).code).toBe('invalid_id_token');
      expect(p.count('token')).toBe(0);
    },
  );

  it.for(withIdToken.filter((type) => type.endsWith(' token')))(
    '"%s" demands a right at_hash (OpenID Connect Core §3.2.2.9)',
    async (type, { provider: p }) => {
      for (const value of [undefined, 'AAAAAAAAAAAAAAAAAAAAAA']) {
        p.idToken = front(() => ({ at_hash: value }));
        expect((await rejection(logIn(p, type))).message).toContain('"at_hash"');
      }
      p.idToken = undefined;
      const injected = logIn(p, type, (form) => form.set('access_token', 'another'));
      expect((await rejection(injected)).code).toBe('invalid_id_token');
      expect(p.count('token')).toBe(0);
    },
  );

  it('refuses a wrong s_hash, and does without one (FAPI 1.0 Advanced §5.2.2.1)', async ({
    provider: p,
  }) => {
    p.idToken = front(() => ({ s_hash: 'AAAAAAAAAAAAAAAAAAAAAA' }));
    expect((await rejection(logIn(p, 'code id_token'))).message).toContain('"s_hash"');
    p.idToken = front(() => ({ s_hash: undefined }));
    expect((await logIn(p, 'code id_token')).userinfo?.sub).toBe('user-1');
  });

  it('refuses two id_tokens about different users (OpenID Connect Core §3.3.3.6)', async ({
    provider: p,
  }) => {
    p.idToken = front(() => ({ sub: 'user-2' }));
    const error = await rejection(logIn(p, 'code id_token'));
    expect(error.code).toBe('invalid_id_token');
    expect(error.message).toContain('another subject');
  });

  it('refuses two id_tokens of different issuers (OpenID Connect Core §3.3.3.6)', async ({
    provider: p,
  }) => {
    const other = 'https://other.example';
    p.idToken = front(() => ({ iss: other }));
    const client = clientOf(p, 'code id_token', {
      issuer: [p.issuer, other],
      serverMetadataUrl: `${p.issuer}/.well-known/openid-configuration`,
    });
    const request = await client.createAuthorizationUrl(redirectUri);
    const error = await rejection(client.fetchAccessToken(await posted(request), request));
    expect(error).toMatchObject({ code: 'invalid_id_token', phase: 'id_token' });
    expect(error.message).toContain('another subject or issuer');
  });

  it.for(withIdToken)(
    '"%s" is refused without the nonce, also if the stored data does not have "openid"',
    async (type, { provider: p }) => {
      const client = clientOf(p, type);
      const { nonce: _, openid: __, ...data } = await client.createAuthorizationUrl(redirectUri);
      const error = await rejection(client.fetchAccessToken(await posted(data), data));
      expect(error.message).toContain('no nonce');
      expect(p.count('token')).toBe(0);
    },
  );

  it.for(withoutCode)(
    '"%s" applies the checks of the application to its only id_token',
    async (type, { provider: p }) => {
      const client = clientOf(p, type);
      const claims = JSON.stringify({ id_token: { acr: { essential: true, values: ['high'] } } });
      const request = await client.createAuthorizationUrl(redirectUri, { claims });
      const error = await rejection(client.fetchAccessToken(await posted(request), request));
      expect(error.message).toContain('"acr"');
      const again = await client.createAuthorizationUrl(redirectUri);
      const claimsOptions = { sub: { value: 'user-2' } };
      const form = await posted(again);
      const refused = await rejection(client.fetchAccessToken(form, again, { claimsOptions }));
      expect(refused.message).toContain('"claimsOptions"');
    },
  );

  it('takes no other parameters of the callback as token fields', async ({ provider: p }) => {
    const token = await logIn(p, 'id_token token', (form) => form.set('refresh_token', 'injected'));
    expect(token.refresh_token).toBeUndefined();
    expect(token).not.toHaveProperty('state');
  });

  it('warns of an expiry that cannot be read', async ({ provider: p }) => {
    const { clientId, clientSecret, issuer } = { ...p.settings, issuer: p.issuer };
    const oauth = new OAuth({ config: {} });
    const warnings: unknown[] = [];
    oauth.events.on('token:warning', (event) => void warnings.push(event));
    const options = { clientId, clientSecret, issuer, scope: 'openid' };
    const { corp } = oauth.register('corp', { ...options, responseType: 'id_token token' });
    for (const expiry of ['3600', 'soon']) {
      const request = await corp.createAuthorizationUrl(redirectUri);
      const form = await posted(request);
      form.set('expires_in', expiry);
      await corp.fetchAccessToken(form, request);
      expect(warnings).toHaveLength(expiry === 'soon' ? 1 : 0);
    }
    expect(warnings).toMatchObject([{ client: 'corp' }]);
  });

  it.for([...withCode, ...withoutCode])(
    '"%s" misses every part it asked for',
    async (type, { provider: p }) => {
      for (const part of type.split(' ')) {
        const name = part === 'token' ? 'access_token' : part;
        const missing = await rejection(logIn(p, type, (form) => form.delete(name)));
        expect(missing.code).toBe('invalid_callback');
        const twice = await rejection(logIn(p, type, (form) => form.append(name, 'x')));
        expect(twice.code).toBe('invalid_callback');
      }
      expect(p.count('token')).toBe(0);
    },
  );

  it.for(['id_token', 'id_token token', 'code token'] as const)(
    '"%s" refuses parts it did not ask for',
    async (type, { provider: p }) => {
      const more = ['code', 'id_token', 'access_token'].find(
        (name) => !type.split(' ').includes(name.replace('access_', '')),
      );
      if (more === undefined) return;
      const error = await rejection(logIn(p, type, (form) => form.set(more, 'injected')));
      expect(error.code).toBe('invalid_callback');
    },
  );

  it('finds the issuer in the id_token if "iss" is left out (RFC 9207 §2)', async ({
    provider: p,
  }) => {
    await logIn(p, 'code id_token', (form) => form.delete('iss'));
    const without = logIn(p, 'code token', (form) => form.delete('iss'));
    expect((await rejection(without)).code).toBe('mismatching_issuer');
    const wrong = logIn(p, 'code id_token', (form) => form.set('iss', 'https://evil.example'));
    expect((await rejection(wrong)).code).toBe('mismatching_issuer');
  });

  it('has tokens never in a query, and an id_token only with openid', async ({ provider: p }) => {
    const query = clientOf(p, 'code id_token', { responseMode: 'query' });
    expect((await rejection(query.createAuthorizationUrl(redirectUri))).code).toBe(
      'invalid_options',
    );
    const asked = clientOf(p, 'id_token').createAuthorizationUrl(redirectUri, {
      response_mode: 'query',
    });
    expect((await rejection(asked)).code).toBe('invalid_options');
    const plain = clientOf(p, 'id_token', { scope: 'email' });
    expect((await rejection(plain.createAuthorizationUrl(redirectUri))).message).toContain(
      '"openid"',
    );
  });

  it('refuses response types that there are not', ({ provider: p }) => {
    expect(() => clientOf(p, 'token' as ResponseType)).toThrow(/"responseType" must be one of/);
  });
});
