import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { OAuth1Token } from '../../model/types.js';
import type { OAuth1Config } from './context.js';
import type { SignatureType } from './signing/placement.js';
import { isFormBody } from './signing/body.js';
import { sign } from './signing/sign-request.js';
import type { RequestToSign, SignedRequest } from './signing/types.js';

/** The token that signs a request, and the protocol parameters of the current step. */
export interface Signer {
  token?: string;
  tokenSecret?: string;
  callback?: string;
  verifier?: string | undefined;
  /** Protocol parameters beyond RFC 5849, such as `oauth_session_handle`. */
  protocolParams?: Readonly<Record<string, string>>;
  /** `oauth_timestamp` in seconds since the epoch. Default: the time of this machine. */
  timestamp?: string;
  nonce?: string;
}

/** Signs a request with the client's options. */
export function signFor(
  { options }: OAuth1Config,
  request: RequestToSign,
  { token, tokenSecret, ...signer }: Signer,
): Promise<SignedRequest> {
  const { clientId = '', clientSecret, rsaKey, ...how } = options;
  return sign(
    request,
    { clientId, clientSecret, rsaKey, token, tokenSecret },
    {
      signatureMethod: how.signatureMethod,
      signatureMethods: how.signatureMethods,
      signatureType: signaturePlacement(request, how.signatureType),
      realm: how.realm,
      forceIncludeBody: how.forceIncludeBody,
      oauthVersion: how.oauthVersion,
      ...signer,
    },
  );
}

/**
 * Returns the placement to use: the header if a request has no form body for `BODY` (RFC 5849
 * §3.5.2).
 */
function signaturePlacement(request: RequestToSign, type: SignatureType = 'HEADER'): SignatureType {
  if (type !== 'BODY') return type;
  const { method, headers, body = null } = request;
  const fits =
    body === null
      ? method === 'POST'
      : isFormBody(body, new Headers(headers).get('content-type') ?? undefined);
  return fits ? 'BODY' : 'HEADER';
}

/** Returns the signing credentials of a token. */
export function signerOf(token: OAuth1Token): Signer {
  const { oauth_token: id, oauth_token_secret: secret } = token;
  if (typeof id === 'string' && typeof secret === 'string')
    return { token: id, tokenSecret: secret };
  const seen =
    isObject(token) && 'access_token' in token
      ? 'An OAuth 2 token was given'
      : 'The token is incomplete';
  throw new OAuthError(
    'invalid_token',
    `${seen}. An OAuth 1 token has "oauth_token" and "oauth_token_secret", both strings.`,
  );
}
