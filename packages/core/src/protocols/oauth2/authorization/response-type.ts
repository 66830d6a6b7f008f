import { OAuthError } from '../../../model/errors.js';
import type { AuthorizeData, ResponseType } from '../../../model/types.js';

/** What an authorization response carries when it is no refusal. */
export interface ResponseParts {
  code: boolean;
  idToken: boolean;
  token: boolean;
}

/**
 * Reads a response type.
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

/** Tells whether tokens would travel in the browser, so that a query, which gets logged, is no place. */
export function isFrontChannel(responseType: ResponseType | undefined): boolean {
  const { idToken, token } = partsOf(responseType);
  return idToken || token;
}

/** The response type, as far as a pending login has to remember it. */
export function rememberedType(
  responseType: ResponseType | undefined,
  openid: boolean,
): Pick<AuthorizeData, 'responseType'> {
  if (responseType === undefined || responseType === 'code') return {};
  if (openid || !partsOf(responseType).idToken) return { responseType };
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" brings an id_token, which needs "openid" in the scope ` +
      '(OpenID Connect Core §3.2.2.1).',
  );
}

/** Refuses to have tokens in a query (OAuth 2.0 Multiple Response Type Encoding Practices §3). */
export function checkResponseMode(responseType: ResponseType | undefined, mode: unknown): void {
  if (!isFrontChannel(responseType) || /^(?:form_post|fragment)(?:\.jwt)?$/.test(String(mode)))
    return;
  throw new OAuthError(
    'invalid_options',
    `The response type "${responseType}" brings tokens, which must not be in a URL's query: ` +
      'leave "responseMode" out, or use form_post or fragment.',
  );
}
