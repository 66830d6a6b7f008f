import { buildAuthorizationUrlWithPAR } from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import type { DpopKey } from '../dpop/proof.js';
import { callEndpoint } from '../endpoint/openid-client.js';
import { usableEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { readTokenResponse } from '../endpoint/response.js';
import { authorizationEndpoint } from './url.js';

const what = 'pushed authorization request endpoint';

/** Whether the client or the provider requires pushed authorization requests. */
export function pushes({ options, metadata }: ProtocolContext): boolean {
  return (
    options.requirePushedAuthorizationRequests === true ||
    metadata['require_pushed_authorization_requests'] === true
  );
}

/**
 * Pushes an authorization request, and returns the URL for the browser, which refers to it.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9126#section-2
 */
export async function pushedAuthorizationUrl(
  context: ProtocolContext,
  params: URLSearchParams,
  dpopKey: DpopKey | undefined,
): Promise<URL> {
  const url = usableEndpoint(context.metadata, 'pushed_authorization_request_endpoint');
  if (url === undefined) {
    throw new OAuthError(
      'invalid_options',
      'Pushed authorization requests are required, but there is no endpoint. Set ' +
        '"pushedAuthorizationRequestEndpoint", or use metadata that has one.',
    );
  }
  const query = [...authorizationEndpoint(context).searchParams.keys()];
  return await callEndpoint(context, {
    what,
    url,
    params,
    dpopKey,
    run: buildAuthorizationUrlWithPAR,
    status: 201,
    // openid-client also pushes the query of the authorization endpoint.
    correct: (body) =>
      query.filter((name) => !params.has(name)).forEach((name) => body.delete(name)),
    async read(response) {
      const { request_uri } = await readTokenResponse(response, what);
      // Its lifetime, which some servers omit, is not used.
      if (typeof request_uri === 'string' && request_uri !== '')
        return { request_uri, expires_in: 0 };
      throw new OAuthError(
        'invalid_response',
        `The ${what} returned no "request_uri" (RFC 9126 §2.2). Check "pushedAuthorizationRequestEndpoint".`,
        { providerStatus: response.status },
      );
    },
  });
}
