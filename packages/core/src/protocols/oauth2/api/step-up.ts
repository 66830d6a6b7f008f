import { OAuthError } from '../../../model/errors.js';
import type { AuthorizeParams, OAuth2Token } from '../../../model/types.js';
import type { ProviderWords } from '../../../model/provider-words.js';
import { redactErrorFields } from '../../../platform/http/sent-secrets.js';
import { unionOfScopes } from '../endpoint/scopes.js';
import { readChallenges, type Challenge } from '../../../platform/http/challenge.js';

const codes = ['insufficient_scope', 'insufficient_user_authentication'] as const;

/**
 * Reads the step-up challenge of an API response. Returns an error if the token is insufficient,
 * else `undefined`. The error's `params` are the parameters of the next authorization request: pass
 * them to `authorizeRedirect`. With the `token` that was used, its scope is requested again, so
 * that no granted scope is lost.
 *
 * @example
 * ```ts
 * const response = await oauth.corp.get('/payroll', { token });
 * const error = stepUp(response, token);
 * if (error) return await oauth.corp.authorizeRedirect(req, res, undefined, error.params);
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc6750#section-3.1
 * @see https://www.rfc-editor.org/rfc/rfc9470#section-3
 */
export function stepUp(
  { status, headers }: Pick<Response, 'status'> & { readonly headers: Pick<Headers, 'get'> },
  token?: { readonly scope?: OAuth2Token['scope'] | undefined; readonly access_token?: unknown },
): OAuthError | undefined {
  if (status !== 401 && status !== 403) return undefined;
  for (const { scheme, params } of readChallenges(headers)) {
    const code = codes.find((known) => known === params.get('error'));
    if (code === undefined || (scheme !== 'bearer' && scheme !== 'dpop')) continue;
    return new OAuthError(code, messages[code], {
      providerStatus: status,
      phase: 'resource',
      ...challengeErrorFields(params, code, token?.access_token),
      params: readParams(params, token?.scope),
    });
  }
  return undefined;
}

/**
 * Returns the error fields of a challenge, without the token, which some resource servers quote.
 */
function challengeErrorFields(
  params: Challenge['params'],
  error: string,
  secret: unknown,
): ProviderWords {
  const words = {
    error,
    error_description: params.get('error_description'),
    error_uri: params.get('error_uri'),
  };
  return redactErrorFields(words, typeof secret === 'string' ? [secret] : []);
}

/**
 * Builds a challenge from a resource server's challenge, with only the values that {@link stepUp}
 * reads. Returns `undefined` if there is no step-up challenge.
 */
export function stepUpChallenge(
  response: Pick<Response, 'status'> & { readonly headers: Pick<Headers, 'get'> },
): string | undefined {
  const needed = stepUp(response);
  if (needed === undefined) return undefined;
  const params = Object.entries({ error: needed.code, ...needed.params });
  return `Bearer ${params.map(([name, value]) => `${name}="${String(value)}"`).join(', ')}`;
}

const messages = {
  insufficient_scope:
    'The resource server requires more scope than the token has. Redirect the user with ' +
    'authorizeRedirect() and error.params.',
  insufficient_user_authentication:
    'The resource server requires a stronger or more recent authentication. Redirect the ' +
    'user with authorizeRedirect() and error.params.',
};

/** Returns the values that are valid in an authorization request. All others are ignored. */
function readParams(
  challenge: ReadonlyMap<string, string>,
  granted: string | undefined,
): AuthorizeParams {
  const scope = challenge.get('scope');
  const acrValues = challenge.get('acr_values');
  const maxAge = challenge.get('max_age');
  return {
    ...(scope && isPrintable(scope) ? { scope: unionOfScopes(granted, scope) } : {}),
    ...(acrValues && isPrintable(acrValues) ? { acr_values: acrValues } : {}),
    ...(maxAge !== undefined && /^\d{1,10}$/.test(maxAge) ? { max_age: Number(maxAge) } : {}),
  };
}

/** Whether a text is a valid scope (RFC 6749 §3.3). */
function isPrintable(text: string): boolean {
  return /^[\x20-\x21\x23-\x5b\x5d-\x7e]{1,2000}$/.test(text);
}
