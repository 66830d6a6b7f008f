import { equalInConstantTime } from '../../platform/crypto.js';
import { isObject, tryJson } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { retryAfter } from '../../platform/http/http.js';
import { dressApiRequest, userRequest } from '../../options/api-quirks.js';
import type { OpenID2Token, ResourceRequest } from '../../model/types.js';
import type { OpenID2Config } from './config.js';

/** Sends a request as the application, which its API key names. */
export async function sendAsClient(
  { options, http }: OpenID2Config,
  request: ResourceRequest,
  signal?: AbortSignal,
): Promise<Response> {
  const dressed = dressApiRequest(request, options, undefined);
  return await http.send({ ...dressed, what: 'resource', signal });
}

/**
 * Fetches the profile of whom an assertion was about, with the API key; without one, all that is known
 * is the identifier.
 */
export async function fetchProfile(
  { options, http }: OpenID2Config,
  token: OpenID2Token,
): Promise<Record<string, unknown>> {
  const { userinfoEndpoint, apiKey } = options;
  if (userinfoEndpoint === undefined || apiKey === undefined) return { ...token.userinfo };
  const request = dressApiRequest(userRequest(userinfoEndpoint, options, token), options, token);
  const { status, headers, text } = await http.exchange({ what: 'userinfo endpoint', ...request });
  if (status >= 500 || status === 429) {
    throw new OAuthError(
      'provider_unavailable',
      `The userinfo endpoint failed (HTTP ${status}). Try again later.`,
      { providerStatus: status, retryAfter: retryAfter(headers) },
    );
  }
  const profile = status === 200 ? tryJson(text) : undefined;
  if (isObject(profile)) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    `The userinfo endpoint did not answer with a profile (HTTP ${status}). Check the "apiKey".`,
    { providerStatus: status },
  );
}

/** Refuses a profile of somebody else than the assertion was about. */
export function checkSubject(
  { sub }: Record<string, unknown>,
  { userinfo }: OpenID2Token,
): string | undefined {
  if (typeof sub === 'string' && equalInConstantTime(sub, userinfo?.sub ?? '')) return sub;
  throw new OAuthError(
    'invalid_userinfo',
    'The profile is not of the person who logged in; nothing of it was used.',
  );
}
