import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { comeBack, login, redirectUri, rejection } from '../../../support/login.js';

/** The provider serves one metadata document for all of its tenants, under `/common`. */
let p: FakeProvider;
beforeAll(async () => {
  p = await startProvider({ issuerPath: '/common', issParameter: false });
});
beforeEach(() => p.reset());
afterAll(() => p.close());

const template = (): string => `${p.origin}/{tenantid}`;

function clientOf(more: RegisterOptions) {
  const { clientId, clientSecret } = p.settings;
  const options = { clientId, clientSecret, serverMetadataUrl: p.metadataUrl, scope: 'openid' };
  return new OAuth({ config: {} }).register('corp', { ...options, ...more }).corp;
}

/** Every id_token is a tenant's. */
function issuedBy(tenant: string): void {
  p.idToken = ({ claims, sign }) => sign({ ...claims, iss: `${p.origin}/${tenant}` });
}

describe('[A21] issuer rules (OpenID Connect Core §3.1.3.7)', () => {
  it('takes the tenants of a template that are listed, and no other', async () => {
    p.quirks.metadata = { issuer: template() };
    const client = clientOf({ issuer: template(), tenants: ['one', 'two'] });
    for (const tenant of ['one', 'two']) {
      issuedBy(tenant);
      expect((await login(client)).userinfo?.['iss']).toBe(`${p.origin}/${tenant}`);
    }
    for (const tenant of ['three', 'one/two', 'one?', 'ONE', '', '{tenantid}', 'one/']) {
      issuedBy(tenant);
      expect((await rejection(login(client))).code).toBe('invalid_id_token');
    }
    p.idToken = ({ claims, sign }) => sign({ ...claims, iss: 'https://evil.example/one' });
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });

  it('shows the template that the metadata has, for whoever forgot to register it', async () => {
    p.quirks.metadata = { issuer: template() };
    const { message } = await rejection(login(clientOf({})));
    expect(message).toContain(`has the issuer "${template()}"`);
  });

  it('names every issuer of the option when a callback is another user’s (RFC 9207 §2.4)', async () => {
    const by = { authorizeUrl: `${p.base}/authorize`, accessTokenUrl: `${p.base}/token` };
    const issuer = ['https://one.example', 'https://two.example'];
    const options = { clientId: 'app', issuer, jwks: { keys: [] }, scope: 'openid', ...by };
    const { corp } = new OAuth({ config: {} }).register('corp', options);
    const request = await corp.createAuthorizationUrl(redirectUri);
    const callback = { code: 'c', state: request.state, iss: 'https://evil.example' };
    const { message } = await rejection(corp.fetchAccessToken(callback, request));
    expect(message).toContain(`expected "https://one.example" or "https://two.example"`);
  });

  it('asks a function about tenants', async () => {
    p.quirks.metadata = { issuer: template() };
    const asked: string[] = [];
    const tenants = (tenant: string): boolean => asked.push(tenant) > 0 && tenant === 'mine';
    const client = clientOf({ issuer: template(), tenants });
    issuedBy('mine');
    await login(client);
    issuedBy('theirs');
    await rejection(login(client));
    expect(new Set(asked)).toEqual(new Set(['mine', 'theirs']));
  });

  it('asks about nothing that is no tenant of the template', async () => {
    p.quirks.metadata = { issuer: template() };
    const client = clientOf({ issuer: template(), tenants: () => true });
    issuedBy('any');
    await login(client);
    for (const tenant of ['one/two', '', 'one?', 'one#', '{tenantid}', 'o%6ee', 'o ne']) {
      issuedBy(tenant);
      expect((await rejection(login(client))).code).toBe('invalid_id_token');
    }
    for (const iss of ['https://evil.example/one', `${p.origin}.evil.example/one`, 'one', '']) {
      p.idToken = ({ claims, sign }) => sign({ ...claims, iss });
      expect((await rejection(login(client))).code).toBe('invalid_id_token');
    }
  });

  it('compares the iss of the callback by the same rule (RFC 9207 §2.4)', async () => {
    p.quirks.metadata = { issuer: template() };
    issuedBy('one');
    const client = clientOf({ issuer: template(), tenants: ['one'] });
    for (const [tenant, code] of [
      ['one', undefined],
      ['two', 'mismatching_issuer'],
    ] as const) {
      const request = await client.createAuthorizationUrl(redirectUri);
      const url = await comeBack(request);
      url.searchParams.set('iss', `${p.origin}/${tenant}`);
      const finished = client.fetchAccessToken(url.href, request);
      if (code === undefined) await finished;
      else expect((await rejection(finished)).code).toBe(code);
    }
  });

  it('refuses a template without tenants', () => {
    expect(() => clientOf({ issuer: template() })).toThrow(/Give "tenants"/);
  });

  it('takes any of a list, in the metadata too', async () => {
    const client = clientOf({ issuer: [p.issuer, `${p.origin}/old`] });
    for (const [tenant, code] of [
      ['old', undefined],
      ['common', undefined],
      ['older', 'invalid_id_token'],
    ] as const) {
      issuedBy(tenant);
      if (code === undefined) await login(client);
      else expect((await rejection(login(client))).code).toBe(code);
    }
    p.quirks.metadata = 'wrong-issuer';
    const other = clientOf({ issuer: [p.issuer, `${p.origin}/old`] });
    expect((await rejection(login(other))).code).toBe('mismatching_issuer');
  });

  it('compares one exactly', async () => {
    const client = clientOf({ issuer: p.issuer });
    issuedBy('common/');
    expect((await rejection(login(client))).code).toBe('invalid_id_token');
  });
});

describe('[A20] claimsOptions and nonces', () => {
  it('can only add checks', async () => {
    const claimsOptions = {
      iss: { values: [p.issuer, 'https://evil.example'] },
      aud: { validate: () => true },
      exp: { validate: () => true },
      nonce: { validate: () => true },
    };
    const client = clientOf({ claimsOptions });
    for (const change of [
      { iss: 'https://evil.example' },
      { aud: 'another' },
      { exp: 1 },
      { nonce: 'another' },
    ]) {
      p.idToken = ({ claims, sign }) => sign({ ...claims, ...change });
      expect((await rejection(login(client))).code).toBe('invalid_id_token');
    }
  });

  it('lets no claim of a token decide whether the nonce counts', async () => {
    p.idToken = ({ claims, sign }) => sign({ ...claims, nonce: undefined, nonce_supported: false });
    expect((await rejection(login(clientOf({})))).message).toContain('"nonce"');
    expect((await login(clientOf({ nonce: 'optional' }))).userinfo?.sub).toBe('user-1');
  });
});
