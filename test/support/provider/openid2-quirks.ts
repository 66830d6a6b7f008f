import { entries } from './entries.js';
import { page, type ProviderResponse } from './response.js';

/** What a deviation of an OpenID 2.0 assertion works with. */
export interface AssertionInput {
  /** The fields of the response, with `openid.` before their names; quirks change them in place. */
  params: URLSearchParams;
  /** Changes the list of fields that are signed. */
  sign(change: (names: string[]) => string[]): void;
}

type AssertionChange = (input: AssertionInput) => void;

/** An identifier below which no provider but another one may speak. */
const elsewhere = 'https://provider.example.evil/openid2/id/user-1';

/**
 * How an assertion can differ that the provider itself signs and confirms: it was made for another
 * application, or the provider is not trustworthy (OpenID Authentication 2.0 §10.1).
 */
export const assertionQuirks = entries<AssertionChange>()({
  /** Made for another application: `return_to` is another origin's. */
  'foreign-return-to': ({ params }) =>
    params.set('openid.return_to', 'https://elsewhere.example/callback?state=theirs'),
  /** Made for another page of the same application, with the correct state. */
  'other-return-to': ({ params }) =>
    change(params, 'return_to', (uri) => uri.replace('?', '/other?')),
  /** `return_to` with a parameter more. */
  'longer-return-to': ({ params }) => change(params, 'return_to', (uri) => `${uri}&admin=1`),
  /** About an identifier of another host that begins like ours. */
  'foreign-claimed-id': ({ params }) => both(params, () => elsewhere),
  /** About ours, with something behind it. */
  'claimed-id-with-more': ({ params }) => both(params, (id) => `${id}/../admin`),
  'claimed-id-with-query': ({ params }) => both(params, (id) => `${id}?`),
  'claimed-id-with-fragment': ({ params }) => both(params, (id) => `${id}#2`),
  /** About ours, with something before it. */
  'claimed-id-inside-another': ({ params }) => both(params, (id) => `https://evil.example/?${id}`),
  /** `claimed_id` is another host's, `identity` ours, as in known attacks on relying parties. */
  'claimed-id-elsewhere': ({ params }) => params.set('openid.claimed_id', elsewhere),
  /** `identity` is another user of the same provider. */
  'identity-differs': ({ params }) => change(params, 'identity', (id) => `${id}2`),
  /** About no user: no `claimed_id` and no `identity`. */
  'no-identifier': ({ params, sign }) => {
    for (const name of ['claimed_id', 'identity']) params.delete(`openid.${name}`);
    sign((names) => names.filter((name) => name !== 'claimed_id' && name !== 'identity'));
  },
  /** Ten minutes old. */
  'old-nonce': ({ params }) => moveNonce(params, -600),
  /** Of ten minutes from now. */
  'future-nonce': ({ params }) => moveNonce(params, 600),
  /** A nonce that does not begin with a time. */
  'nonce-without-time': ({ params }) => params.set('openid.response_nonce', 'abcdef'),
  /** The same nonce every time. */
  'same-nonce': ({ params }) =>
    change(params, 'response_nonce', (nonce) => `${nonce.slice(0, 11)}00:00:00Zsame`),
  /** An endpoint of another provider. */
  'foreign-endpoint': ({ params }) =>
    params.set('openid.op_endpoint', 'https://evil.example/openid2'),
  'no-endpoint': (input) => leaveOut(input, 'op_endpoint'),
  'no-return-to': (input) => leaveOut(input, 'return_to'),
  'no-nonce': (input) => leaveOut(input, 'response_nonce'),
  /** Fields that are there, but not signed. */
  'unsigned-endpoint': ({ sign }) => sign((names) => without(names, 'op_endpoint')),
  'unsigned-return-to': ({ sign }) => sign((names) => without(names, 'return_to')),
  'unsigned-nonce': ({ sign }) => sign((names) => without(names, 'response_nonce')),
  'unsigned-handle': ({ sign }) => sign((names) => without(names, 'assoc_handle')),
  'unsigned-claimed-id': ({ sign }) => sign((names) => without(names, 'claimed_id')),
  'unsigned-identity': ({ sign }) => sign((names) => without(names, 'identity')),
  /** Nothing is signed. */
  'nothing-signed': ({ sign }) => sign(() => []),
  /** A field in the list that is not there. */
  'signs-absent-field': ({ sign }) => sign((names) => [...names, 'sreg.email']),
  /** A field in the list twice. */
  'signs-twice': ({ sign }) => sign((names) => [...names, 'claimed_id']),
  /** A message of OpenID 1. */
  'no-namespace': ({ params }) => params.delete('openid.ns'),
  'old-namespace': ({ params }) => params.set('openid.ns', 'http://openid.net/signon/1.1'),
  /** A mode that no response has. */
  'unknown-mode': ({ params }) => params.set('openid.mode', 'checkid_setup'),
});

/** The name of a deviation that the provider signs. */
export type AssertionQuirk = keyof typeof assertionQuirks;

/** How a response can differ from the signed assertion, or be no assertion at all. */
export const openid2CallbackQuirks = entries<(params: URLSearchParams) => void>()({
  /** The user denied (§10.2.2). */
  cancel: (params) => refuse(params, 'cancel'),
  /** The user would have to be prompted (§10.2.1). */
  'setup-needed': (params) => refuse(params, 'setup_needed'),
  /** The provider found the request wrong (§5.2.3). */
  error: (params) => {
    refuse(params, 'error');
    params.set('openid.error', 'Invalid claimed_id or identity <b>');
  },
  /** Another user's identifier, inserted on the way. */
  'swapped-identifier': (params) => both(params, (id) => id.replace(/[^/]+$/, 'somebody-else')),
  /** This login's `return_to`, inserted into an assertion for another. */
  'swapped-return-to': (params) => change(params, 'return_to', (uri) => `${uri}0`),
  /** Fields twice, the second one another user's. */
  'duplicated-claimed-id': (params) => params.append('openid.claimed_id', elsewhere),
  'duplicated-signed': (params) => params.append('openid.signed', 'claimed_id'),
  'duplicated-mode': (params) => params.append('openid.mode', 'cancel'),
  /** A field twice, once under a name that some servers read as the same. */
  'look-alike-field': (params) => params.append('openid.claimed id', elsewhere),
  /** A name that some servers read as far as its NUL. */
  'nul-in-name': (params) => params.append('openid.claimed_id\0x', elsewhere),
  /** A value with a line break, which is a field more in what is signed. */
  'line-break-in-value': (params) => params.append('openid.x', `y\nclaimed_id:${elsewhere}`),
  /** Another signature. */
  'wrong-signature': (params) => params.set('openid.sig', 'bm90IG91cnM='),
  'no-signature': (params) => params.delete('openid.sig'),
  /** The state twice, or not at all. */
  'state-duplicated': (params) => params.append('state', 'another'),
});

/** The name of a deviation on the way back. */
export type OpenID2CallbackQuirk = keyof typeof openid2CallbackQuirks;

const ns = 'ns:http://specs.openid.net/auth/2.0\n';

/** How the response to `check_authentication` can differ (§11.4.2.2, §4.1.1). */
export const checkQuirks = entries<() => ProviderResponse>()({
  /** Confirms every request, also assertions that it never signed. */
  always: () => text(`${ns}is_valid:true\n`),
  /** Confirms nothing. */
  never: () => text(`${ns}is_valid:false\n`),
  /** The correct words inside of others. */
  'in-other-text': () => text(`${ns}error:is_valid:true\n`),
  'in-other-key': () => text(`${ns}not_is_valid:true\n`),
  'in-html': () => page('<html>\nis_valid:true\n'),
  /** Yes and no at once. */
  twice: () => text(`${ns}is_valid:false\nis_valid:true\n`),
  /** Almost the correct words. */
  'upper-case': () => text(`${ns}is_valid:TRUE\n`),
  'with-space': () => text(`${ns}is_valid: true\n`),
  'with-more': () => text(`${ns}is_valid:true, probably\n`),
  /** Another version of the protocol. */
  'other-namespace': () => text('ns:http://openid.net/signon/1.1\nis_valid:true\n'),
  /** No version, as from some providers. */
  'no-namespace': () => text('is_valid:true\n'),
  /** The handle of the request is invalid (for clients that store associations). */
  'invalidate-handle': () => text(`${ns}is_valid:true\ninvalidate_handle:1234567890\n`),
  /** An error response (§5.1.2.2) that contains `is_valid:true`. */
  'error-400': () => text(`${ns}error:Malformed\nis_valid:true\n`, 400),
  /** The response of some providers to too many requests. */
  'forbidden-403': () => page('<h1>Access Denied</h1>', 403),
});

/** The name of a deviation in the response to `check_authentication`. */
export type CheckQuirk = keyof typeof checkQuirks;

/** Creates a response in key-value form (§4.1.1). */
export function text(body: string, status = 200): ProviderResponse {
  return { status, headers: { 'content-type': 'text/plain;charset=utf-8' }, body };
}

function change(params: URLSearchParams, name: string, to: (value: string) => string): void {
  params.set(`openid.${name}`, to(params.get(`openid.${name}`) ?? ''));
}

function both(params: URLSearchParams, to: (id: string) => string): void {
  change(params, 'claimed_id', to);
  change(params, 'identity', to);
}

function without(names: string[], name: string): string[] {
  return names.filter((one) => one !== name);
}

function leaveOut({ params, sign }: AssertionInput, name: string): void {
  params.delete(`openid.${name}`);
  sign((names) => without(names, name));
}

function moveNonce(params: URLSearchParams, seconds: number): void {
  const time = new Date(Date.now() + seconds * 1000).toISOString().replace(/\.\d+Z$/, 'Z');
  change(params, 'response_nonce', (nonce) => time + nonce.slice(20));
}

/** Negative responses have a mode, and nothing of an assertion. */
function refuse(params: URLSearchParams, mode: string): void {
  for (const name of new Set(params.keys())) {
    if (name.startsWith('openid.') && name !== 'openid.ns') params.delete(name);
  }
  params.set('openid.mode', mode);
}
