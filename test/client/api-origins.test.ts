import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { google } from '@oauth-registry/core/providers';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../support/login.js';
import { json, startWire, type Wire } from '../support/wire.js';

let wire: Wire;
beforeEach(async () => {
  wire = await startWire({});
});
afterEach(() => wire.close());

const token = { access_token: 'at', token_type: 'Bearer' as const };
const api = (options: RegisterOptions = {}) =>
  new OAuth({ config: {}, fetch: wire.fetch }).register('corp', {
    clientId: 'app',
    clientSecret: 'secret',
    authorizeUrl: 'https://id.corp.example/authorize',
    accessTokenUrl: 'https://id.corp.example/token',
    apiBaseUrl: 'https://api.corp.example/v1/',
    ...options,
  }).corp;

describe('`apiOrigins`', () => {
  const apiOrigins = [
    'https://content.corp.example',
    'https://*.apis.corp.example',
    'https://h.example:8443/',
  ];

  it.each([
    'https://content.corp.example/files/1',
    'https://gmail.apis.corp.example/v1/messages',
    'https://h.example:8443/x',
    'https://api.corp.example/v2/other',
  ])('sends the token to %s', async (url) => {
    await api({ apiOrigins }).get(url, { token });
    expect(wire.requests[0]?.headers['authorization']).toBe('Bearer at');
    expect(wire.requests[0]?.url.href).toBe(url);
  });

  it.each([
    'https://evil.example/',
    'https://apis.corp.example/',
    'https://a.b.apis.corp.example/',
    'https://evil-apis.corp.example/',
    'https://x.apis.corp.example.evil.example/',
    'https://content.corp.example:444/',
    'https://content.corp.example.evil.example/',
    'https://h.example/',
    'http://content.corp.example/',
    'https://gmail.apis.corp.example@evil.example/',
    String.raw`https://evil.example\.apis.corp.example/`,
  ])('sends nothing to %s', async (url) => {
    const error = await rejection(api({ apiOrigins }).get(url, { token }));
    expect(error).toMatchObject({ code: 'foreign_origin' });
    expect(error.message).toContain('apiOrigins');
    expect(wire.requests).toEqual([]);
  });

  it('limits absolute URLs even without an `apiBaseUrl`', async () => {
    const client = api({ apiBaseUrl: undefined as never, apiOrigins });
    await client.get('https://content.corp.example/', { token });
    await expect(client.get('https://evil.example/', { token })).rejects.toMatchObject({
      code: 'foreign_origin',
    });
    await expect(client.get('path', { token })).rejects.toMatchObject({ code: 'invalid_options' });
  });

  it.each([
    ['https://api.corp.example/v1'],
    ['http://api.corp.example'],
    ['https://*'],
    ['https://*.example'],
    ['https://a.*.corp.example'],
    ['https://user@api.corp.example'],
    ['api.corp.example'],
    ['*'],
    [7 as never],
  ])('is rejected with %j', (origin) => {
    expect(() => api({ apiOrigins: [origin] })).toThrow(/"apiOrigins".*https origin/);
  });

  it('lets one consent for Gmail and Sheets call both', async () => {
    const client = new OAuth({ config: {}, fetch: wire.fetch }).register(
      'google',
      google({ clientId: 'app', clientSecret: 'secret' }),
    ).google;
    await client.get('https://gmail.googleapis.com/gmail/v1/users/me/messages', { token });
    await client.get('https://sheets.googleapis.com/v4/spreadsheets/1', { token });
    await client.get('https://www.googleapis.com/calendar/v3/calendars', { token });
    expect(wire.requests.map(({ headers }) => headers['authorization'])).toEqual(
      Array(3).fill('Bearer at'),
    );
    await expect(client.get('https://example.com/', { token })).rejects.toMatchObject({
      code: 'foreign_origin',
    });
  });
});

describe('placeholders of `apiBaseUrl`', () => {
  it.each([
    [
      'https://api.example/company/{token.realm}/',
      { realm: '12/3 ä' },
      'https://api.example/company/12%2F3%20%C3%A4/x',
    ],
    ['https://{token.shop}.shops.example/api/', { shop: 'ada' }, 'https://ada.shops.example/api/x'],
    ['{token.instance_url}/', { instance_url: 'https://eu1.example' }, 'https://eu1.example/x'],
    [
      '{token.instance_url}/api',
      { instance_url: 'https://eu1.example/' },
      'https://eu1.example/api/x',
    ],
    [
      '{token.accounts[?is_default].base_uri}/rest/',
      {
        accounts: [
          { base_uri: 'https://a.example' },
          { is_default: true, base_uri: 'https://b.example' },
        ],
      },
      'https://b.example/rest/x',
    ],
  ])('of %s are filled from the token', async (apiBaseUrl, more, url) => {
    await api({ apiBaseUrl }).get('x', { token: { ...token, ...more } });
    expect(wire.requests[0]?.url.href).toBe(url);
  });

  it.each([
    ['https://api.example/company/{token.realm}/', {}],
    ['https://api.example/company/{token.realm}/', { realm: '' }],
    ['https://api.example/company/{token.realm}/', { realm: '..' }],
    ['https://{token.shop}.shops.example/', {}],
    ['https://{token.shop}.shops.example/', { shop: 'evil.example/' }],
    ['https://{token.shop}.shops.example/', { shop: 'evil.example#' }],
    ['https://{token.shop}.shops.example/', { shop: 'user@evil.example' }],
    ['https://{token.shop}.shops.example/', { shop: 'evil.example?' }],
    ['{token.instance_url}/', {}],
    ['{token.instance_url}/', { instance_url: 'javascript:alert(1)' }],
    ['{token.instance_url}/', { instance_url: 'https://user@evil.example' }],
    ['{token.instance_url}/api/', { instance_url: 'https://evil.example/?x=' }],
  ])('of %s are refused for the token %j, also for absolute URLs', async (apiBaseUrl, more) => {
    const client = api({ apiBaseUrl });
    for (const url of ['x', 'https://evil.example/']) {
      const error = await rejection(client.get(url, { token: { ...token, ...more } }));
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(error.message).toContain('"apiBaseUrl"');
    }
    expect(wire.requests).toEqual([]);
  });
});

describe('`client.fetch()`', () => {
  const fetchOf = (options: RegisterOptions = {}) => api(options).fetch({ token });

  it('calls the API as `fetch` does', async () => {
    wire.routes['POST https://api.corp.example/v1/items'] = json({ ok: true }, 201);
    const response = await fetchOf()('items?a=1', {
      method: 'POST',
      body: '{"x":1}',
      headers: { 'content-type': 'application/json' },
    });
    expect(response.status).toBe(201);
    expect(await response.json()).toEqual({ ok: true });
    const { headers, body, url } = wire.requests[0] ?? {};
    expect([headers?.['authorization'], body, url?.search]).toEqual([
      'Bearer at',
      '{"x":1}',
      '?a=1',
    ]);
  });

  it('accepts a Request, with its body and signal', async () => {
    const request = new Request('https://api.corp.example/v1/items', {
      method: 'PUT',
      body: 'text',
    });
    await fetchOf()(request);
    expect(wire.requests[0]).toMatchObject({ method: 'PUT', body: 'text' });
    const aborted = AbortSignal.abort(new Error('enough'));
    await expect(fetchOf()('items', { signal: aborted })).rejects.toThrow('enough');
  });

  it('refuses other origins', async () => {
    await expect(fetchOf()('https://evil.example/')).rejects.toMatchObject({
      code: 'foreign_origin',
    });
    expect(wire.requests).toEqual([]);
  });

  const redirect = (location: string, status = 302) => ({
    status,
    headers: { location },
    body: '',
  });

  it('follows redirects: on the same origin with the token, elsewhere without', async () => {
    wire.routes['GET https://api.corp.example/v1/a'] = redirect('/v1/b');
    wire.routes['GET https://api.corp.example/v1/b'] = redirect('https://cdn.example/file');
    wire.routes['GET https://cdn.example/file'] = redirect('https://api.corp.example/v1/c');
    wire.routes['GET https://api.corp.example/v1/c'] = json('done');
    const response = await fetchOf()('a', { headers: { 'x-kept': '1', cookie: 'a=1' } });
    expect(await response.text()).toBe('done');
    const seen = wire.requests.map(({ url, headers }) => [
      url.pathname,
      headers['authorization'],
      headers['x-kept'],
      headers['cookie'],
    ]);
    expect(seen).toEqual([
      ['/v1/a', 'Bearer at', '1', 'a=1'],
      ['/v1/b', 'Bearer at', '1', 'a=1'],
      ['/file', undefined, '1', undefined],
      ['/v1/c', undefined, '1', undefined],
    ]);
  });

  it('aborts one call with its own signal, beside one of all calls', async () => {
    const all = { token, signal: new AbortController().signal };
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(api().fetch(all)('items', { signal })).rejects.toThrow('enough');
  });

  it.each([
    [302, 'POST', 'GET'],
    [303, 'PUT', 'GET'],
    [307, 'POST', 'POST'],
    [302, 'PUT', 'PUT'],
  ])('after %s sends %s again as %s', async (status, method, next) => {
    wire.routes[`${method} https://api.corp.example/v1/a`] = redirect('/v1/b', status);
    await fetchOf()('a', { method, body: 'x' });
    expect(wire.requests.at(-1)).toMatchObject({ method: next, body: next === 'GET' ? '' : 'x' });
  });

  it('returns a redirect with `manual`, and fails with `error` and without an end', async () => {
    wire.routes['GET https://api.corp.example/v1/a'] = redirect('/v1/a');
    const { status } = await fetchOf()('a', { redirect: 'manual' });
    expect(status).toBe(302);
    await expect(fetchOf()('a', { redirect: 'error' })).rejects.toThrow(TypeError);
    await expect(fetchOf()('a')).rejects.toThrow('too many redirects');
    expect(wire.requests).toHaveLength(23);
  });
});
