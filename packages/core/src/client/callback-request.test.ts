import { expect, it } from 'vitest';
import {
  forbidCaching,
  readBodyBytes,
  readCallback,
  readFormBody,
  rejectionResponse,
  rejectUnsupported,
  unwantedLogout,
} from './callback-request.js';
import type { BrowserRequest } from '../model/ports.js';

const limit = 100;

type Headers = Record<string, string>;

function posted(body: unknown, headers: Headers = {}): BrowserRequest {
  const all: Headers = { 'content-type': 'application/x-www-form-urlencoded', ...headers };
  return { ...requested(all, 'POST'), body: () => body };
}

/** A request; the headers of its response are in `sent`. */
function requested(headers: Headers = {}, method = 'GET'): BrowserRequest & { sent: Headers } {
  const sent: Headers = {};
  return {
    sent,
    request: undefined,
    response: undefined,
    method,
    header: (name) => headers[name],
    query: 'state=from-the-query',
    body: () => undefined,
    session: () => Promise.reject(new Error('There is no session.')),
    setHeader: (name, value) => void (sent[name] = String(value)),
    setCookie: () => undefined,
  };
}

/** Headers of a request, and the status of the response if it can start neither a login nor a logout. */
const requests: [headers: Headers, login: number | undefined, logout?: number | undefined][] = [
  [{}, undefined],
  [{ purpose: 'prefetch' }, 204],
  [{ purpose: 'other' }, undefined],
  [{ 'x-purpose': 'preview' }, 204],
  [{ 'x-purpose': 'Prefetch' }, 204],
  [{ 'sec-purpose': 'prefetch;prerender' }, 204],
  [{ 'x-moz': 'prefetch' }, 204],
  [{ 'next-router-prefetch': '1' }, 204],
  [{ 'next-router-segment-prefetch': '/_tree' }, 204],
  [{ rsc: '1' }, 204],
  [{ rsc: '' }, undefined],
  [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }, undefined],
  [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'empty' }, undefined],
  [{ 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'iframe' }, 403],
  [{ 'sec-fetch-dest': 'image' }, 403],
  [{ 'sec-fetch-mode': 'cors', 'sec-fetch-dest': 'empty' }, 403, undefined],
  [{ 'sec-fetch-mode': 'cors', rsc: '1' }, 403, 204],
  [{ 'sec-fetch-mode': 'cors', 'sec-purpose': 'prefetch' }, 204],
];

it.each(requests)('responds to %j with %j to a login', (headers, status) => {
  expect(rejectionResponse(requested(headers))?.status).toBe(status);
  expect(rejectionResponse(requested(headers, 'POST'))?.status).toBe(status);
});

it.each(requests)('responds to %j of a logout', (headers, login, ...logout) => {
  const [status] = logout.length > 0 ? logout : [login];
  expect(unwantedLogout(requested(headers))?.status).toBe(status);
});

it('rejects other methods with the allowed ones, also of a prefetch', () => {
  for (const method of ['HEAD', 'PUT']) {
    for (const headers of [{}, { purpose: 'prefetch' }, { 'sec-fetch-mode': 'cors' }]) {
      const request = requested(headers, method);
      expect(rejectionResponse(request)).toEqual({ status: 405 });
      expect(request.sent).toEqual({ allow: 'GET, POST' });
    }
  }
});

it('explains in plain text that only a navigation starts a login', () => {
  const request = requested({ 'sec-fetch-mode': 'cors' });
  expect(rejectionResponse(request)?.body).toContain('only a navigation');
  expect(request.sent).toEqual({
    'content-type': 'text/plain;charset=UTF-8',
    'x-content-type-options': 'nosniff',
  });
});

it.each([
  [{}, 'HEAD', 'a HEAD request', { allow: 'GET, POST' }],
  [{}, 'DELETE', 'a DELETE request', { allow: 'GET, POST' }],
  [{ 'sec-purpose': 'prefetch' }, 'GET', 'a prefetch', {}],
  [{ rsc: '1' }, 'GET', 'a prefetch', {}],
])('rejects a callback with %j and the method %s', (headers, method, seen, sent) => {
  const request = requested(headers, method);
  expect(() => rejectUnsupported(request)).toThrow(
    expect.objectContaining({
      code: 'unwanted_request',
      message: expect.stringContaining(seen) as string,
    }),
  );
  expect(request.sent).toEqual(sent);
});

it('accepts a callback by GET and by POST, in a frame as well', () => {
  for (const method of ['GET', 'POST']) {
    const request = requested({ 'sec-fetch-dest': 'iframe' }, method);
    rejectUnsupported(request);
    expect(request.sent).toEqual({});
  }
});

it('forbids to cache the response and to send its URL on', () => {
  const request = requested();
  forbidCaching(request);
  expect(request.sent).toEqual({ 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' });
});

it('reads the query of a GET, whatever its body', async () => {
  const request = { ...requested(), body: () => 'state=from-the-body' };
  expect((await readCallback.request(request, limit)).get('state')).toBe('from-the-query');
});

it('[A22] reads query and form of a POST only if both are allowed', async () => {
  const request = posted('state=from-the-body');
  const names = async (either?: boolean) => [
    ...(await readCallback.request(request, limit, either)).values(),
  ];
  expect(await names()).toEqual(['from-the-body']);
  expect(await names(true)).toEqual(['from-the-query', 'from-the-body']);
});

it.each([
  ['application/x-www-form-urlencoded;charset=UTF-8', true],
  ['APPLICATION/X-WWW-FORM-URLENCODED', true],
  ['application/x-www-form-urlencodedx', false],
  ['text/plain; application/x-www-form-urlencoded', false],
  ['application/json', false],
  ['', false],
])('[A22] reads a form of the type "%s": %j', async (type, accepted) => {
  const read = readCallback.request(posted('state=s', { 'content-type': type }), limit);
  if (accepted) expect((await read).get('state')).toBe('s');
  else await expect(read).rejects.toMatchObject({ code: 'invalid_callback' });
});

it('rejects a POST without a type', async () => {
  const read = readCallback.request(requested({}, 'POST'), limit);
  await expect(read).rejects.toThrow('its body is not a form');
});

it.each([
  ['parameters', new URLSearchParams('a=1&a=2'), 'a=1&a=2'],
  ['an object', { a: '1', b: ['2', '3'] }, 'a=1&b=2&b=3'],
  ['nested objects and numbers, which it ignores', { a: { b: '1' }, c: 2, d: 'x' }, 'd=x'],
  ['null', null, ''],
  ['nothing', undefined, ''],
  ['a number', 7, ''],
])('reads a form from %s', async (_what, body, expected) => {
  expect(String(await readFormBody(body, limit))).toBe(expected);
});

it('reads all chunks of a stream up to the limit, and copies bytes', async () => {
  const chunk = (fill: number) => new Uint8Array(limit / 2).fill(fill);
  async function* stream(...rest: Uint8Array[]) {
    yield chunk(1);
    yield chunk(2);
    yield* rest;
  }
  const read = await readBodyBytes(stream(), limit);
  expect([read?.length, read?.[0], read?.[limit - 1]]).toEqual([limit, 1, 2]);
  await expect(readBodyBytes(stream(new Uint8Array(1)), limit)).rejects.toThrow(
    'has more than 100 bytes',
  );
  const bytes = chunk(3);
  expect(await readBodyBytes(bytes, limit)).toEqual(bytes);
  expect(await readBodyBytes(bytes, limit)).not.toBe(bytes);
  expect(await readBodyBytes({ state: 's' }, limit)).toBeUndefined();
});

it('reports a connection that closes before the form is complete', async () => {
  async function* broken() {
    yield new Uint8Array(1);
    throw new Error('aborted');
  }
  await expect(readBodyBytes(broken(), limit)).rejects.toMatchObject({
    code: 'invalid_callback',
    message: expect.stringContaining('connection closed') as string,
  });
});

it.each([
  ['a URL', new URL('https://app.example/callback?a=1')],
  ['the text of a URL', 'https://app.example/callback?a=1#x'],
  ['a query', 'a=1'],
  ['an object', { a: '1', b: undefined }],
  ['parameters', new URLSearchParams('a=1')],
])('reads the parameters of %s', (_what, given) => {
  expect(String(readCallback.params(given))).toBe('a=1');
});

it('[A8] refuses a form that a parser has read already, by the length it had', async () => {
  const parsed = { state: 's' };
  const fits = posted(parsed, { 'content-length': String(limit) });
  expect((await readCallback.request(fits, limit)).get('state')).toBe('s');
  const over = posted(parsed, { 'content-length': String(limit + 1) });
  await expect(readCallback.request(over, limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
});

it.each([
  ['text', (text: string) => text],
  ['bytes', (text: string) => new TextEncoder().encode(text)],
])('[A8] refuses a form that is too long as %s', async (_what, make) => {
  const form = `state=s&x=${'y'.repeat(limit - 's&x='.length - 'state='.length)}`;
  expect((await readCallback.request(posted(make(form)), limit)).get('state')).toBe('s');
  await expect(readCallback.request(posted(make(`${form}y`)), limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
});

it('[A8] reads a stream of unknown length no further than it may', async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 40;
      yield new Uint8Array(40);
    }
  }
  await expect(readCallback.request(posted(endless()), limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
  expect(sent).toBe(120);
});
