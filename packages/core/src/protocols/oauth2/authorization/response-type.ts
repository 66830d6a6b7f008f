import { OAuthError } from '../../../model/errors.js';
import type { AuthorizeData, ResponseType } from '../../../model/types.js';

/** The parts of a successful authorization response. */
export interface ResponseParts {
  code: boolean;
  idToken: boolean;
  token: boolean;
}

/**
 * Parses a response type.
 *
 * @see https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html
 */
export function partsOf(responseType: ResponseType = 'code'): ResponseParts {
  const names = responseType.split(' ');
  return {
    code: names.includes('code'),
    idToken: names.includes('id_token'),
    token: names.includes('token'),
  };
}

/**
 * Whether tokens are sent through the browser. Query strings get logged, so they must not carry
 * tokens.
 */
export function isFrontChannel(responseType: ResponseType | undefined): boolean {
  const { idToken, token } = partsOf(responseType);
  return idToken || token;
}

/** Returns the response type to store with the pending login, if it is not the default. */
export function rememberedType(
  responseType: ResponseType | undefined,
  openid: boolean,
): Pick<AuthorizeData, 'responseType'> {
  if (responseType === undefined || responseType === 'code') return {};
  if (openid || !partsOf(responseType).idToken) return { responseType };
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" returns an id_token, which requires "openid" in ` +
      'the scope (OpenID Connect Core §3.2.2.1).',
  );
}

/** Rejects tokens in a query (OAuth 2.0 Multiple Response Type Encoding Practices §3). */
export function checkResponseMode(responseType: ResponseType | undefined, mode: unknown): void {
  if (!isFrontChannel(responseType) || /^(?:form_post|fragment)(?:\.jwt)?$/.test(String(mode)))
    return;
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" returns tokens, which must not be in a query ` +
      'string. Remove "responseMode", or use form_post or fragment.',
  );
}
