import { entries } from './entries.js';
import { form, json, page, type ProviderResponse } from './response.js';

/** The fields of an ordinary response with credentials. */
export type CredentialFields = Record<string, string>;

/** How a response with temporary or token credentials can differ (RFC 5849 §2.1, §2.3). */
export const credentialQuirks = entries<(fields: CredentialFields) => ProviderResponse>()({
  /** No `oauth_callback_confirmed`. */
  'no-callback-confirmed': (fields) => form(without(fields, 'oauth_callback_confirmed')),
  /** `oauth_callback_confirmed=TRUE`. */
  'callback-confirmed-upper-case': (fields) =>
    form({ ...fields, oauth_callback_confirmed: 'TRUE' }),
  /** `oauth_callback_confirmed=false`. */
  'callback-not-confirmed': (fields) => form({ ...fields, oauth_callback_confirmed: 'false' }),
  /** No `oauth_token_secret`. */
  'no-secret': (fields) => form(without(fields, 'oauth_token_secret')),
  /** `oauth_token_secret=`, which RFC 5849 allows and no provider intends. */
  'empty-secret': (fields) => form({ ...fields, oauth_token_secret: '' }),
  /** No `oauth_token`. */
  'no-token': (fields) => form(without(fields, 'oauth_token')),
  /** `oauth_token=`. */
  'empty-token': (fields) => form({ ...fields, oauth_token: '' }),
  /** `oauth_token` twice. */
  'duplicated-token': (fields) => form([...Object.entries(fields), ['oauth_token', 'another']]),
  /** `oauth_token_secret` twice. */
  'duplicated-secret': (fields) =>
    form([...Object.entries(fields), ['oauth_token_secret', 'another']]),
  /** The correct response in JSON. */
  json: (fields) => json(fields),
  /** The correct response with the type `text/html`, as from old servers. */
  'form-as-html': (fields) => page(new URLSearchParams(fields).toString()),
  /** 200 with an HTML page. */
  html: () => page('<!doctype html><title>Oops</title><p>oauth_token=fake'),
  /** 401 with `oauth_problem`. */
  problem: () => form({ oauth_problem: 'consumer_key_rejected' }, 401),
  /** 200 with `oauth_problem`. */
  'problem-200': () => form({ oauth_problem: 'permission_denied' }),
});

/** The name of a deviation in a response with credentials. */
export type CredentialQuirk = keyof typeof credentialQuirks;

/** How the OAuth 1 callback can differ (RFC 5849 §2.2). */
export const oauth1CallbackQuirks = entries<(params: URLSearchParams) => void>()({
  /** The user denied, in the form of Twitter: `denied=<token>` alone. */
  denied: (params) => replace(params, { denied: params.get('oauth_token') ?? '' }),
  /** The user denied: `oauth_problem=user_refused`, with the token. */
  'user-refused': (params) => {
    params.delete('oauth_verifier');
    params.set('oauth_problem', 'user_refused');
  },
  /** The user denied: `oauth_problem=user_refused` alone. */
  'user-refused-without-token': (params) => replace(params, { oauth_problem: 'user_refused' }),
  /** A request token of another user. */
  'foreign-token': (params) => params.set('oauth_token', 'somebody-elses-request-token'),
  /** `oauth_token=`. */
  'empty-token': (params) => params.set('oauth_token', ''),
  /** No `oauth_token`. */
  'no-token': (params) => params.delete('oauth_token'),
  /** `oauth_token` twice, equal. */
  'duplicated-token': (params) => params.append('oauth_token', params.get('oauth_token') ?? ''),
  /** No `oauth_verifier`. */
  'no-verifier': (params) => params.delete('oauth_verifier'),
  /** `oauth_verifier=`. */
  'empty-verifier': (params) => params.set('oauth_verifier', ''),
  /** `oauth_verifier` twice, different. */
  'duplicated-verifier': (params) => params.append('oauth_verifier', 'another'),
  /** A verifier that was never issued. */
  'wrong-verifier': (params) => params.set('oauth_verifier', 'a-verifier-nobody-issued'),
});

/** The name of an OAuth 1 callback's deviation. */
export type OAuth1CallbackQuirk = keyof typeof oauth1CallbackQuirks;

function without(fields: CredentialFields, name: string): CredentialFields {
  return Object.fromEntries(Object.entries(fields).filter(([key]) => key !== name));
}

function replace(params: URLSearchParams, fields: Record<string, string>): void {
  for (const name of new Set(params.keys())) {
    if (name.startsWith('oauth_')) params.delete(name);
  }
  for (const [name, value] of Object.entries(fields)) params.set(name, value);
}
