import { OAuthError } from '../../../model/errors.js';
import type { DpopKey } from '../dpop/proof.js';
import { postForm } from '../endpoint/form-request.js';
import { usableEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { readTokenResponse } from '../endpoint/response.js';

const what = 'pushed authorization request endpoint';

/** Whether the client or the provider requires pushed authorization requests. */
export function pushes({ options, metadata }: ProtocolContext): boolean {
  return (
    options.requirePushedAuthorizationRequests === true ||
    metadata['require_pushed_authorization_requests'] === true
  );
}

/**
 * Pushes an authorization request if the client or the provider requires it, and returns the
 * parameters for the browser. Otherwise returns the request unchanged.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9126#section-2
 */
export async function pushRequest(
  context: ProtocolContext,
  params: URLSearchParams,
  dpopKey?: DpopKey,
): Promise<URLSearchParams> {
  const { options, metadata } = context;
  if (!pushes(context)) return params;
  const url = usableEndpoint(metadata, 'pushed_authorization_request_endpoint');
  if (url === undefined) {
    throw new OAuthError(
      'invalid_options',
      'Pushed authorization requests are required, but there is no endpoint. Set ' +
        '"pushedAuthorizationRequestEndpoint", or use metadata that has one.',
    );
  }
  const response = await postForm(context, { what, url, body: params, dpopKey });
  const { request_uri: requestUri } = await readTokenResponse(response, what);
  if (typeof requestUri === 'string' && requestUri !== '') {
    return new URLSearchParams({ client_id: options.clientId ?? '', request_uri: requestUri });
  }
  throw new OAuthError(
    'invalid_response',
    `The ${what} returned no "request_uri" (RFC 9126 §2.2). Check "pushedAuthorizationRequestEndpoint".`,
    { providerStatus: response.status },
  );
}
