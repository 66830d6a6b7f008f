import { isUnavailable, providerUnavailable } from '../../platform/http/unavailable.js';
import { equalInConstantTime } from '../../platform/crypto.js';
import { isObject, tryJson } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { dressApiRequest, userRequest } from '../../options/api-quirks.js';
import type { OpenID2Token, ResourceRequest } from '../../model/types.js';
import type { OpenID2Config } from './config.js';

/** Sends an API request with the application's API key. */
export async function sendAsClient(
  { options, http }: OpenID2Config,
  request: ResourceRequest,
  signal?: AbortSignal,
): Promise<Response> {
  const dressed = dressApiRequest(request, options, undefined);
  return await http.sendResource({ ...dressed, what: 'resource', signal });
}

/**
 * Fetches the profile of the verified identifier with the API key. Without a key, the profile holds
 * only the identifier.
 */
export async function fetchProfile(
  { options, http }: OpenID2Config,
  token: OpenID2Token,
): Promise<Record<string, unknown>> {
  const { userinfoEndpoint, apiKey } = options;
  if (userinfoEndpoint === undefined || apiKey === undefined) return { ...token.userinfo };
  const request = dressApiRequest(userRequest(userinfoEndpoint, options, token), options, token);
  const what = 'userinfo endpoint';
  const response = await http.send({ what, ...request });
  if (isUnavailable(response)) throw providerUnavailable(response, what);
  const { status, text } = response;
  const profile = status === 200 ? tryJson(text) : undefined;
  if (isObject(profile)) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    `The userinfo endpoint did not return a profile (HTTP ${status}). Check the "apiKey".`,
    { providerStatus: status },
  );
}

/** Rejects a profile of another user than the assertion's. */
export function checkSubject(
  { sub }: Record<string, unknown>,
  { userinfo }: OpenID2Token,
): string | undefined {
  if (typeof sub === 'string' && equalInConstantTime(sub, userinfo?.sub ?? '')) return sub;
  throw new OAuthError(
    'invalid_userinfo',
    'The profile belongs to another user than the one who logged in and was discarded. ' +
      'Check "userinfoEndpoint".',
  );
}
