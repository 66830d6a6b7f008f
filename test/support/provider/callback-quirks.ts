import { entries } from './entries.js';
/** What a callback quirk works with. */
export interface CallbackInput {
  /** The correct parameters of the callback; quirks change them in place. */
  params: URLSearchParams;
  /** The provider's own issuer. */
  issuer: string;
}

type CallbackChange = (input: CallbackInput) => void;

const wrongIssuer = 'https://evil.example';

/** How the authorization response can differ from the correct one (RFC 6749 §4.1.2, RFC 9207). */
export const callbackQuirks = entries<CallbackChange>()({
  /** `iss` of another provider. */
  'iss-wrong': ({ params }) => params.set('iss', wrongIssuer),
  /** `iss` with a slash more. */
  'iss-trailing-slash': ({ params, issuer }) => params.set('iss', `${issuer}/`),
  /** No `iss`. */
  'iss-absent': ({ params }) => params.delete('iss'),
  /** `iss=`. */
  'iss-empty': ({ params }) => params.set('iss', ''),
  /** `iss` twice. */
  'iss-duplicated': ({ params, issuer }) => params.append('iss', issuer),
  /** A state that was never sent. */
  'state-wrong': ({ params }) => params.set('state', 'a-state-nobody-sent'),
  /** No `state`. */
  'state-absent': ({ params }) => params.delete('state'),
  /** `state=`. */
  'state-empty': ({ params }) => params.set('state', ''),
  /** `state` twice, equal. */
  'state-duplicated': ({ params }) => params.append('state', params.get('state') ?? ''),
  /** `state[]=` instead of `state=`. */
  'state-array': ({ params }) => rename(params, 'state', 'state[]'),
  /** A state of 8,000 characters, about as long as a server's header limit lets through. */
  'state-long': ({ params }) => params.set('state', 's'.repeat(8000)),
  /** `code` twice, equal. */
  'code-duplicated': ({ params }) => params.append('code', params.get('code') ?? ''),
  /** No `code`. */
  'code-absent': ({ params }) => params.delete('code'),
  /** `code=`. */
  'code-empty': ({ params }) => params.set('code', ''),
  /** A code that was never issued. */
  'code-unknown': ({ params }) => params.set('code', 'a-code-nobody-issued'),
  /** A code and an error at once. */
  'code-and-error': ({ params }) => params.set('error', 'access_denied'),
  /** `error` twice. */
  'error-duplicated': ({ params }) => {
    refuse(params);
    params.append('error', 'server_error');
  },
  /** The user denied. */
  error: ({ params }) => refuse(params),
  /** The user denied; the response has no `state`. */
  'error-without-state': ({ params }) => {
    refuse(params);
    params.delete('state');
  },
  /** The user denied; the response has a wrong `state`. */
  'error-with-wrong-state': ({ params }) => {
    refuse(params);
    params.set('state', 'a-state-nobody-sent');
  },
  /** The user denied; the response has another provider's `iss`. */
  'error-with-wrong-iss': ({ params }) => {
    refuse(params);
    params.set('iss', wrongIssuer);
  },
  /** HTML in the error fields. */
  'error-with-html': ({ params }) => {
    refuse(params);
    params.set('error', '<script>alert(1)</script>');
    params.set('error_description', '<img src=x onerror=alert(2)>');
    params.set('error_uri', 'javascript:alert(3)');
  },
  /** `id_token=` in the query of a code flow. */
  'id-token-in-query': ({ params }) => params.set('id_token', 'e30.e30.e30'),
  /** `token=` in the query. */
  'token-in-query': ({ params }) => params.set('token', 'an-injected-token'),
  /** `access_token=` in the query. */
  'access-token-in-query': ({ params }) => params.set('access_token', 'an-injected-token'),
  /** `response=`, as if a JWT response had been requested. */
  'response-in-query': ({ params }) => params.set('response', 'e30.e30.e30'),
  /** Unknown parameters. */
  'extra-params': ({ params }) => {
    params.set('session_state', 'abc.def');
    params.set('authuser', '0');
  },
});

/** The name of a callback's deviation. */
export type CallbackQuirk = keyof typeof callbackQuirks;

/** Turns a success into an error response with the same state and iss. */
function refuse(params: URLSearchParams): void {
  params.delete('code');
  params.set('error', 'access_denied');
  params.set('error_description', 'The user denied access.');
}

function rename(params: URLSearchParams, from: string, to: string): void {
  const value = params.get(from);
  params.delete(from);
  if (value !== null) params.set(to, value);
}
