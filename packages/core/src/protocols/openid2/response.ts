import { equalInConstantTime } from '../../platform/crypto.js';
import { OAuthError } from '../../model/errors.js';
import { withoutSecrets } from '../../platform/http/sent-secrets.js';
import type { AuthorizeData } from '../../model/types.js';
import { endpointOf, namespace, type OpenID2Config } from './config.js';
import { returnTo } from './request.js';

/** The fields of a provider's answer, without `openid.`, in the order they came in. */
export type Message = ReadonlyMap<string, string>;

const prefix = 'openid.';

/** What a provider answers: an assertion (§10.1), or one of the refusals (§10.2, §5.2.3). */
const modes = ['id_res', 'cancel', 'setup_needed', 'error'];

/** Reads which pending login an answer belongs to: the `state` of the address it came to. */
export function readState(params: URLSearchParams): string | undefined {
  const [state, ...others] = params.getAll('state');
  return others.length === 0 && state !== '' ? state : undefined;
}

/**
 * Reads the fields of an answer.
 *
 * @throws OAuthError `invalid_callback` when another reader, such as the provider's, could see other
 *   fields than we do: one twice, also by a name that is only written differently, or control characters
 */
export function readMessage(params: URLSearchParams): Message {
  const entries = [...params].filter(([name]) => name.startsWith(prefix));
  const seen = new Set<string>();
  for (const [name, value] of entries) {
    if (/\p{Cc}/u.test(name + value)) throw malformed('has a control character in it');
    const loose = name.toLowerCase().replaceAll(/[^a-z\d]/g, '_');
    if (seen.has(loose)) throw malformed('has a field more than once');
    seen.add(loose);
  }
  return new Map(entries.map(([name, value]) => [name.slice(prefix.length), value]));
}

/** Refuses an answer that is malformed, comes from another provider, or is for another login. */
export function checkSender(
  config: OpenID2Config,
  params: URLSearchParams,
  data: AuthorizeData,
): void {
  const message = readMessage(params);
  if (message.get('ns') !== namespace)
    throw malformed('is not one of OpenID 2.0 (its "openid.ns")');
  const mode = message.get('mode') ?? '';
  if (!modes.includes(mode)) throw malformed('has an "openid.mode" that no answer has');
  if (mode !== 'id_res') return;
  if (!isEndpoint(message.get('op_endpoint'), config)) {
    throw new OAuthError(
      'mismatching_issuer',
      'The assertion\'s "openid.op_endpoint" is not the "openid2Endpoint" of this client: it comes from ' +
        'another provider (OpenID Authentication 2.0 §11.2).',
    );
  }
  checkReturnTo(message.get('return_to') ?? '', params, data);
}

/** The address must be the configured one; both are compared as they are written, and as URLs are. */
function isEndpoint(given: string | undefined, config: OpenID2Config): boolean {
  return given === config.options.openid2Endpoint || given === endpointOf(config).href;
}

/** OpenID Authentication 2.0 §11.1. */
function checkReturnTo(given: string, params: URLSearchParams, data: AuthorizeData): void {
  const expected = returnTo(data.redirectUri, data.state);
  const query = [...new URL(expected).searchParams];
  const arrived = query.every(([name, value]) => params.getAll(name).includes(value));
  if (equalInConstantTime(given, expected) && arrived) return;
  throw new OAuthError(
    'mismatching_state',
    'The assertion was made for another address to return to ("openid.return_to"), and so for another ' +
      'login or another application. Start the login again.',
  );
}

/** Throws the refusal an answer carries (§5.2.3, §10.2). */
export function checkRefusal(params: URLSearchParams): void {
  const message = readMessage(params);
  const error = message.get('mode');
  if (error === 'cancel') {
    throw new OAuthError('access_denied', 'The user or the provider denied access.', { error });
  }
  if (error === 'setup_needed') {
    throw new OAuthError(
      'interaction_required',
      'The provider has to ask the person, which "checkid_immediate" forbids. Start the login without it.',
      { error },
    );
  }
  if (error !== 'error') return;
  throw new OAuthError(
    'provider_refused',
    'The provider refused the login; the error\'s "error_description" has its words for why.',
    withoutSecrets({ error, error_description: message.get('error') }, secretsOf(message)),
  );
}

/** What of an assertion is good for a login: its signature, and the state in its return URL. */
export function secretsOf(message: Message): string[] {
  const back = message.get('return_to') ?? '';
  const state = URL.canParse(back) ? [...new URL(back).searchParams.values()] : [];
  return [message.get('sig') ?? '', message.get('response_nonce') ?? '', back, ...state];
}

/** The error of an answer that is not as the specification has it. */
export function malformed(flaw: string): OAuthError {
  return new OAuthError(
    'invalid_callback',
    `The provider's answer ${flaw}; nothing of it was used. Start the login again.`,
  );
}
