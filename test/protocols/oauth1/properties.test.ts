import { signRequest, type SignedRequest } from '@oauth-registry/core/oauth1';
import * as fc from 'fast-check';
import OAuth10a from 'oauth-1.0a';
import oauthSign from 'oauth-sign';
import oauthSignature from 'oauth-signature';
import { describe, expect, it } from 'vitest';
import { createHmac } from 'node:crypto';
import { readHeader } from '../../support/oauth1-header.js';
import { randomRequest, type RandomRequest } from './random-request.js';

const runs = { numRuns: 1000 };
/** Some of these implementations are slow, and so may be the machine. */
const patience = 60_000;
const token = 'a token/+ é';

/** Signs a request, and shows the base string that the signature was made of. */
async function sign(request: RandomRequest): Promise<{ base: string; signed: SignedRequest }> {
  const { method, url, body, nonce, timestamp, clientSecret, tokenSecret } = request;
  const headers = body === null ? {} : { 'Content-Type': 'application/x-www-form-urlencoded' };
  const credentials = { clientId: 'ck', token, clientSecret, tokenSecret };
  const options = { nonce, timestamp };
  let base = '';
  const signatureMethods = { 'HMAC-SHA1': (text: string) => ((base = text), 's') };
  await signRequest({ method, url, headers, body }, credentials, { ...options, signatureMethods });
  const signed = await signRequest({ method, url, headers, body }, credentials, options);
  return { base, signed };
}

/** The parameters of the whole request by name, for implementations that want them so. */
function byName(params: readonly (readonly [string, string])[]): Record<string, string | string[]> {
  const names = new Map<string, string[]>();
  for (const [name, value] of params) names.set(name, [...(names.get(name) ?? []), value]);
  return Object.fromEntries(names);
}

function protocolOf({ nonce, timestamp }: RandomRequest): [string, string][] {
  return Object.entries({
    oauth_consumer_key: 'ck',
    oauth_nonce: nonce,
    oauth_signature_method: 'HMAC-SHA1',
    oauth_timestamp: timestamp,
    oauth_token: token,
    oauth_version: '1.0',
  });
}

/** Scheme, authority and path, as they are sent (RFC 5849 §3.4.1.2). */
function baseUri(url: string): string {
  const { protocol, host, pathname } = new URL(url);
  return `${protocol}//${host}${pathname}`;
}

/** Names that the libraries, which keep parameters in plain objects, lose. */
const isLost = ([name]: readonly [string, string]): boolean => name === '__proto__' || name in {};

describe('[A7] [R1] random requests are signed as other implementations do', () => {
  it(
    'oauth-sign: base string and signature (RFC 5849 §3.4.1, §3.4.2)',
    async () => {
      const property = fc.asyncProperty(randomRequest, async (request) => {
        if (request.params.some(isLost)) return;
        const { base, signed } = await sign(request);
        const params = byName([...request.params, ...protocolOf(request)]);
        const uri = baseUri(request.url);
        expect(base).toBe(oauthSign.generateBase(request.method, uri, params));
        const { clientSecret, tokenSecret } = request;
        const theirs = oauthSign.hmacsign(request.method, uri, params, clientSecret, tokenSecret);
        expect(readHeader(signed)['oauth_signature']).toBe(theirs);
      });
      await fc.assert(property, runs);
    },
    patience,
  );

  it(
    'oauth-signature, which takes the URL apart itself (RFC 5849 §3.4.1.2)',
    async () => {
      let compared = 0;
      const property = fc.asyncProperty(randomRequest, async (request) => {
        if (request.params.some(isLost)) return;
        if (!isRightAboutUrl(request) || !isRightAboutOrder(request)) return;
        compared += 1;
        const { base, signed } = await sign(request);
        const params = byName([...request.params, ...protocolOf(request)]);
        const { SignatureBaseString } = oauthSignature;
        expect(base).toBe(new SignatureBaseString(request.method, request.url, params).generate());
        const { clientSecret, tokenSecret } = request;
        const theirs = oauthSignature.generate(
          request.method,
          request.url,
          params,
          clientSecret,
          tokenSecret,
          { encodeSignature: false },
        );
        expect(readHeader(signed)['oauth_signature']).toBe(theirs);
      });
      await fc.assert(property, runs);
      expect(compared).toBeGreaterThan(10);
    },
    patience,
  );

  /**
   * oauth-signature is wrong where a path has escapes, whose letters or spelling it changes, or raw
   * characters: §3.4.1.2 takes the path as it stands in the request. It also drops the path "/" of
   * addresses with a default port, where §3.4.1.2 has "/" stand for the empty path, and the brackets
   * of IPv6 hosts, which the "Host" header has.
   */
  function isRightAboutUrl({ url }: RandomRequest): boolean {
    const { pathname, port } = new URL(url);
    const path = /^[^/]*\/\/[^/?#]*([^?#]*)/.exec(url)?.[1] ?? '';
    const namesPort = /^[^/]*\/\/[^/?#]*:\d+(?:[/?#]|$)/.test(url);
    const isName = !/bücher|\[/.test(url);
    return path === pathname && /^[\w/.-]{2,}$/.test(path) && isName && !(namesPort && port === '');
  }

  /** It sorts the values of one name before it encodes them; §3.4.1.3.2 encodes first. */
  function isRightAboutOrder({ params }: RandomRequest): boolean {
    return Object.values(byName(params)).every(
      (values) => !Array.isArray(values) || values.every((value) => /^[\w.-]*$/.test(value)),
    );
  }

  it(
    'oauth-1.0a, which reads the query itself (RFC 5849 §3.4.1.3.1)',
    async () => {
      let compared = 0;
      const property = fc.asyncProperty(randomRequest, async (request) => {
        if (!isRightAboutQuery(request)) return;
        compared += 1;
        const { base, signed } = await sign(request);
        const { clientSecret, tokenSecret } = request;
        const theirs = new OAuth10a({
          consumer: { key: 'ck', secret: clientSecret },
          signature_method: 'HMAC-SHA1',
          hash_function: (text, key) => createHmac('sha1', key).update(text).digest('base64'),
        });
        const form = new URLSearchParams(request.body ?? '');
        const what = {
          method: request.method,
          url: baseUri(request.url) + new URL(request.url).search,
          data: byName([...form]),
        };
        const protocol = Object.fromEntries(protocolOf(request)) as unknown as OAuth10a.Data;
        expect(base).toBe(theirs.getBaseString(structuredClone(what), { ...protocol }));
        const signature = theirs.getSignature(what, tokenSecret, { ...protocol });
        expect(readHeader(signed)['oauth_signature']).toBe(signature);
      });
      await fc.assert(property, runs);
      expect(compared).toBeGreaterThan(10);
    },
    patience,
  );

  /**
   * oauth-1.0a does not decode the names of a query, nor "+", cuts values at "=", and loses repeated
   * parameters (query and form, or an empty one first); §3.4.1.3.1 decodes names and values alike, "+"
   * as a space, and keeps every parameter.
   */
  function isRightAboutQuery({ url, params }: RandomRequest): boolean {
    const query = /\?([^#]*)/.exec(url)?.[1] ?? '';
    const names = params.map(([name]) => name);
    const fields = query.split('&').filter((field) => field !== '');
    const isSimple = fields.every((field) => /^[\w.~-]+=[^=+']*$/.test(field));
    return isSimple && query !== '' && new Set(names).size === names.length && !params.some(isLost);
  }
});

describe('[A7] what is sent carries the signature, wherever it stands (RFC 5849 §3.5)', () => {
  it(
    'is the same in header, query and body',
    async () => {
      const property = fc.asyncProperty(randomRequest, async (request) => {
        const { method, url, body, nonce, timestamp, clientSecret, tokenSecret } = request;
        const headers = { 'Content-Type': 'application/x-www-form-urlencoded; charset=iso-8859-1' };
        const given = { method, url, headers, body: body ?? '' };
        const credentials = { clientId: 'ck', token, clientSecret, tokenSecret };
        const options = { nonce, timestamp };
        const inHeader = await signRequest(given, credentials, options);
        const inQuery = await signRequest(given, credentials, {
          ...options,
          signatureType: 'QUERY',
        });
        const expected = readHeader(inHeader)['oauth_signature'];
        expect(new URL(inQuery.url).searchParams.getAll('oauth_signature')).toEqual([expected]);
        expect([inHeader.body, inQuery.body]).toEqual([given.body, given.body]);
        // What fetch makes of the address is what was signed.
        expect(new Request(inQuery.url).url).toBe(inQuery.url);
        if (['GET', 'HEAD'].includes(inHeader.method)) return;
        const inBody = await signRequest(given, credentials, { ...options, signatureType: 'BODY' });
        const form = new URLSearchParams(String(inBody.body));
        expect(form.getAll('oauth_signature')).toEqual([expected]);
        expect(String(inBody.body).startsWith(given.body)).toBe(true);
        expect(inBody.url).toBe(inHeader.url);
      });
      await fc.assert(property, runs);
    },
    patience,
  );
});
