import { isUnavailable, providerUnavailable } from '../../platform/http/unavailable.js';
import { OAuthError } from '../../model/errors.js';
import type { HttpResponse } from '../../platform/http/http.js';
import { redactErrorFields } from '../../platform/http/sent-secrets.js';
import { setHeaders } from '../../quirks/templates.js';
import { providerEndpoint, namespace, type OpenID2Config } from './config.js';
import { malformed, assertionSecrets, type Message } from './response.js';

const what = 'OpenID provider';
const limit = 65_536;

/**
 * Verifies an assertion directly with the provider. A provider confirms an assertion only once.
 *
 * @throws OAuthError `invalid_callback` if the provider does not confirm it
 */
export async function checkAuthentication(config: OpenID2Config, message: Message): Promise<void> {
  const body = new URLSearchParams();
  for (const [name, value] of message) body.append(`openid.${name}`, value);
  body.set('openid.mode', 'check_authentication');
  const headers = new Headers();
  setHeaders(headers, config.options.headers?.token, {});
  const request = { what, url: providerEndpoint(config), method: 'POST', headers, body, limit };
  const response = await config.http.send(request);
  const fields = response.status === 200 ? readKeyValues(response.text) : undefined;
  if (!fields) throw verificationFailed(response, assertionSecrets(message));
  // The response may omit the namespace; any other namespace is another protocol.
  const version = fields.get('ns') ?? namespace;
  const isValid = version === namespace ? fields.get('is_valid') : undefined;
  if (isValid === 'true') return;
  if (isValid !== 'false') throw invalidVerification(response);
  throw malformed('was not confirmed by the provider, or was confirmed before');
}

/** Parses lines of `key:value` (§4.1.1). Returns `undefined` for any other line. */
function readKeyValues(text: string): Map<string, string> | undefined {
  const lines = text.replace(/\n$/, '').split('\n');
  const pairs = lines.map((line) => /^([\w.]+):(.*)$/.exec(line));
  const fields = new Map(pairs.map((pair) => [pair?.[1] ?? '', pair?.[2] ?? '']));
  return pairs.includes(null) || fields.size !== pairs.length ? undefined : fields;
}

function verificationFailed(response: HttpResponse, sent: readonly string[]): OAuthError {
  const { status } = response;
  if (status === 200) return invalidVerification(response);
  // Some providers send 403 as a rate limit.
  if (isUnavailable(response) || status === 403) return providerUnavailable(response, what);
  const words = { error_description: readKeyValues(response.text)?.get('error') };
  return new OAuthError(
    'provider_refused',
    `The ${what} rejected the verification request (HTTP ${status}). See ` +
      'error.error_description for its reason.',
    { ...redactErrorFields(words, sent), providerStatus: status },
  );
}

function invalidVerification({ status }: HttpResponse): OAuthError {
  return new OAuthError(
    'invalid_response',
    `The ${what} did not return "is_valid" in key-value form (OpenID Authentication 2.0 ` +
      '§4.1.1). Check "openid2Endpoint".',
    { providerStatus: status },
  );
}
