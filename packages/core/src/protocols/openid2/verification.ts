import { OAuthError } from '../../model/errors.js';
import { retryAfter, type HttpAnswer } from '../../platform/http/http.js';
import { withoutSecrets } from '../../platform/http/sent-secrets.js';
import { setHeaders } from '../../quirks/templates.js';
import { endpointOf, namespace, type OpenID2Config } from './config.js';
import { malformed, secretsOf, type Message } from './response.js';

const what = 'OpenID provider';
const limit = 65_536;

/**
 * Asks the provider whether an assertion is its own. It says yes once.
 *
 * @throws OAuthError `invalid_callback` when it is not
 * @see https://openid.net/specs/openid-authentication-2_0.html#check_auth
 */
export async function checkAuthentication(config: OpenID2Config, message: Message): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of message) body.append(`openid.${name}`, value);
  body.set('openid.mode', 'check_authentication');
  const headers = new Headers();
  setHeaders(headers, config.options.headers?.token, {});
  const request = { what, url: endpointOf(config), method: 'POST', headers, body, limit };
  const answer = await config.http.exchange(request);
  const fields = answer.status === 200 ? readKeyValues(answer.text) : undefined;
  if (!fields) throw unanswered(answer, secretsOf(message));
  // It may leave its version out; another one is another protocol.
  const version = fields.get('ns') ?? namespace;
  const isValid = version === namespace ? fields.get('is_valid') : undefined;
  if (isValid === 'true') return;
  if (isValid !== 'false') throw unreadable(answer);
  throw malformed('is not the provider’s: it does not confirm it, or has done so before');
}

/** Reads lines of `key:value` (§4.1.1); `undefined` where anything else is in between. */
function readKeyValues(text: string): Map<string, string> | undefined {
  const lines = text.replace(/\n$/, '').split('\n');
  const pairs = lines.map((line) => /^([\w.]+):(.*)$/.exec(line));
  const fields = new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
  return pairs.includes(null) || fields.size !== pairs.length ? undefined : fields;
}

function unanswered(answer: HttpAnswer, sent: readonly string[]): OAuthError {
  const { status, headers } = answer;
  if (status === 200) return unreadable(answer);
  // Who asks too often is forbidden to, by some.
  if (status >= 500 || status === 429 || status === 403) {
    return new OAuthError(
      'provider_unavailable',
      `The ${what} did not check the assertion (HTTP ${status}). Try again later.`,
      { providerStatus: status, retryAfter: retryAfter(headers) },
    );
  }
  const words = { error_description: readKeyValues(answer.text)?.get('error') };
  return new OAuthError(
    'provider_refused',
    `The ${what} refused to check the assertion (HTTP ${status}). Its words are in error.error_description.`,
    { ...withoutSecrets(words, sent), providerStatus: status },
  );
}

function unreadable({ status }: HttpAnswer): OAuthError {
  return new OAuthError(
    'invalid_response',
    `The ${what} did not answer "is_valid" in key-value form (OpenID Authentication 2.0 §4.1.1). Check ` +
      '"openid2Endpoint".',
    { providerStatus: status },
  );
}
