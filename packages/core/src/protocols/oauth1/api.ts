import { readObject } from '../../platform/encoding.js';
import { errorResponseCode } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import type { HttpResponse } from '../../platform/http/http.js';
import { matchErrorRule, type MatchedError } from '../../quirks/error-rules.js';
import { transform, unlessTransformed } from '../../quirks/hooks.js';
import { dressApiRequest, userRequest } from '../../options/api-quirks.js';
import { redactErrorFields } from '../../platform/http/sent-secrets.js';
import type { OAuth1Token, ResourceRequest } from '../../model/types.js';
import { requireUrl, type OAuth1Context } from './context.js';
import { followRedirects } from './redirects.js';
import { errorResponse } from './errors.js';
import { sendSigned, sendSignedResource } from './signed.js';
import { signerOf, type Signer } from './client-signer.js';

/** Credentials and abort signal of an API request. */
export interface Caller {
  /**
   * `client`: signed with the client credentials only, without a token. `undefined`: not signed.
   */
  as: OAuth1Token | 'client' | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Signs and sends an API request. Redirects within the same origin are followed and signed again.
 *
 * @see https://www.rfc-editor.org/rfc/rfc5849#section-3
 */
export async function send(
  context: OAuth1Context,
  request: ResourceRequest,
  { as, signal }: Caller,
): Promise<Response> {
  const what = 'resource';
  if (as === undefined) return await context.http.sendResource({ ...request, what, signal });
  const token = as === 'client' ? undefined : as;
  const signer: Signer = token === undefined ? {} : signerOf(token);
  return await followRedirects(request, (hop) => {
    const dressed = dressApiRequest(hop, context.options, token);
    return sendSignedResource(context, { ...dressed, what, signal }, signer);
  });
}

/** Fetches the user's profile from the userinfo endpoint, as the provider sends it. */
export async function fetchProfile(
  context: OAuth1Context,
  token: OAuth1Token,
): Promise<Record<string, unknown>> {
  const { options } = context;
  const { href } = requireUrl(context, 'userinfoEndpoint');
  const request = dressApiRequest(userRequest(href, options, token), options, token);
  const what = 'userinfo endpoint';
  const response = await sendSigned(context, { ...request, what }, signerOf(token));
  if (response.status >= 400) throw errorResponse(response, what);
  const { clientId, clientSecret } = options;
  const asked = { clientId, clientSecret, url: href, nonce: response.nonce };
  const { transformResponse } = options;
  const transformed = await transform('userinfo', response.text, { ...asked, transformResponse });
  const profile = transformed ?? readObject(response.text);
  const ruled = profile && matchErrorRule(options.errors, 'userinfo', profile);
  if (typeof ruled === 'object') throw ruledError(ruled, response);
  if (profile) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    `The userinfo response is not a JSON object${unlessTransformed(transformResponse)}. ` +
      'Check "userinfoEndpoint".',
    { providerStatus: response.status },
  );
}

/** Creates the error for a userinfo response that an `errors` rule of the client matched. */
function ruledError({ code, ...words }: MatchedError, response: HttpResponse): OAuthError {
  const { status, secrets } = response;
  return new OAuthError(
    errorResponseCode(code ?? words.error),
    `The userinfo endpoint returned an error (HTTP ${status}). See error.error and ` +
      "error.error_description for the provider's reason.",
    { ...redactErrorFields(words, secrets?.() ?? []), providerStatus: status },
  );
}
