import { equalInConstantTime } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import { redactErrorFields } from '../../platform/http/sent-secrets.js';
import type { AuthorizeData } from '../../model/types.js';
import { providerEndpoint, namespace, type OpenID2Config } from './config.js';
import { returnTo } from './request.js';

/** The fields of a response in their order, without the prefix `openid.`. */
export type Message = ReadonlyMap<string, string>;

const prefix = 'openid.';

/** The modes of a response: an assertion (§10.1) or an error response (§10.2, §5.2.3). */
const modes = ['id_res', 'cancel', 'setup_needed', 'error'];

/** Returns the `state` of the return URL, which identifies the pending login. */
export function readState(params: URLSearchParams): string | undefined {
  const [state, ...others] = params.getAll('state');
  return others.length === 0 && state !== '' ? state : undefined;
}

/**
 * Reads the fields of a response.
 *
 * @throws OAuthError `invalid_callback` if the provider could read other fields than this library:
 *   a repeated field, also under a differently encoded name, or control characters
 */
export function readMessage(params: URLSearchParams): Message {
  const entries = [...params].filter(([name]) => name.startsWith(prefix));
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    if (/\p{Cc}/u.test(name + value)) throw malformed('has a control character');
    const loose = name.toLowerCase().replaceAll(/[^a-z\d]/g, '_');
    if (seen.has(loose)) throw malformed('has a field more than once');
    seen.add(loose);
  }
  return new Map(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

/**
 * Rejects a response that is malformed, comes from another provider or belongs to another login.
 */
export function validateCallback(
  config: OpenID2Config,
  params: URLSearchParams,
  data: AuthorizeData,
): void {
  const message = readMessage(params);
  if (message.get('ns') !== namespace)
    throw malformed('is not an OpenID 2.0 message ("openid.ns")');
  const mode = message.get('mode') ?? '';
  if (!modes.includes(mode)) throw malformed('has an unknown "openid.mode"');
  if (mode !== 'id_res') return;
  if (!isEndpoint(message.get('op_endpoint'), config)) {
    throw new OAuthError(
      'mismatching_issuer',
      'The assertion\'s "openid.op_endpoint" is not the "openid2Endpoint" of this client: it comes from ' +
        'another provider (OpenID Authentication 2.0 §11.2).',
    );
  }
  checkAssertionReturnTo(message.get('return_to') ?? '', params, data);
}

/** Whether a URL is the configured endpoint, compared as text and as a parsed URL. */
function isEndpoint(given: string | undefined, config: OpenID2Config): boolean {
  return given === config.options.openid2Endpoint || given === providerEndpoint(config).href;
}

/** OpenID Authentication 2.0 §11.1. */
function checkAssertionReturnTo(given: string, params: URLSearchParams, data: AuthorizeData): void {
  const expected = returnTo(data.redirectUri, data.state);
  const query = [...new URL(expected).searchParams];
  const arrived = query.every(([name, value]) => params.getAll(name).includes(value));
  if (equalInConstantTime(given, expected) && arrived) return;
  throw new OAuthError(
    'mismatching_state',
    'The assertion has another "openid.return_to" than this login, so it belongs to another ' +
      'login or another application. Start the login again.',
  );
}

/** Throws if the response is an error response (§5.2.3, §10.2). */
export function checkErrorResponse(params: URLSearchParams): void {
  const message = readMessage(params);
  const error = message.get('mode');
  if (error === 'cancel') {
    throw new OAuthError(
      'access_denied',
      'The user or the provider denied access. Offer to log in again.',
      { error },
    );
  }
  if (error === 'setup_needed') {
    throw new OAuthError(
      'interaction_required',
      'The provider must interact with the user, which "checkid_immediate" forbids. Start ' +
        'the login without it.',
      { error },
    );
  }
  if (error !== 'error') return;
  throw new OAuthError(
    'provider_refused',
    'The provider returned an error to the callback. See error.error_description for its ' +
      'reason.',
    redactErrorFields(
      { error, error_description: message.get('error') },
      assertionSecrets(message),
    ),
  );
}

/** Returns the secrets of an assertion: its signature, and the state in its return URL. */
export function assertionSecrets(message: Message): string[] {
  const back = message.get('return_to') ?? '';
  const state = URL.canParse(back) ? [...new URL(back).searchParams.values()] : [];
  return [message.get('sig') ?? '', message.get('response_nonce') ?? '', back, ...state];
}

/** Creates the error for a response that violates the specification. */
export function malformed(flaw: string): OAuthError {
  return new OAuthError(
    'invalid_callback',
    `The provider's response ${flaw}. It was discarded. Start the login again.`,
  );
}
