import type { OAuth1Config } from './config.js';
import type { SignatureType } from './placement.js';
import { isFormBody } from './request-body.js';
import { signRequest, type RequestToSign, type SignedRequest } from './sign-request.js';

/** In whose name a request is made, and what it says about the flow. */
export interface Signer {
  token?: string;
  tokenSecret?: string;
  callback?: string;
  verifier?: string;
}

/** Signs a request the way the client is configured. */
export function signFor(
  { options }: OAuth1Config,
  request: RequestToSign,
  { callback, verifier, ...token }: Signer,
): Promise<SignedRequest> {
  const { clientId = '', clientSecret, signatureMethod, realm } = options;
  const signatureType = placementOf(request, options.signatureType);
  const credentials = { clientId, clientSecret, ...token };
  const how = { signatureMethod, signatureType, realm, callback, verifier };
  return signRequest(request, credentials, how);
}

/** A request without a form cannot carry parameters in it (RFC 5849 §3.5.2); the header always can. */
function placementOf(request: RequestToSign, type: SignatureType = 'HEADER'): SignatureType {
  if (type !== 'BODY') return type;
  const { method, headers, body = null } = request;
  const fits =
    body === null
      ? method === 'POST'
      : isFormBody(body, new Headers(headers).get('content-type') ?? undefined);
  return fits ? 'BODY' : 'HEADER';
}
