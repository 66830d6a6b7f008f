import { equalInConstantTime, randomToken } from '../../../platform/crypto.js';
import { parseUrl, toPairs } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { scopeText } from '../../../platform/scope.js';
import type {
  AuthorizationRequest,
  AuthorizeData,
  GrantParams,
  OAuth2Token,
  Params,
} from '../../../model/types.js';
import { refuseReserved } from '../authorization/reserved-params.js';
import { checkResponseIssuer, checkErrorResponse, readState } from '../authorization/response.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { authorizationUrl } from '../authorization/url.js';
import { normalizeToken } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';

/** Grants removed from OAuth 2.1 (RFC 9700 §2.1.2, §2.4). */
export type LegacyGrant = 'password' | 'implicit';

/**
 * Requests a token with a user's password. OAuth 2.1 removed the grant because the application sees
 * the password. Use it only for old providers without another grant.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.3
 */
export async function passwordToken(
  context: ProtocolContext,
  { username, password }: { username?: string; password?: string },
  { scope = context.options.scope, ...params }: GrantParams,
): Promise<OAuth2Token> {
  requireAllowed(context, 'password');
  if (typeof username !== 'string' || typeof password !== 'string') {
    throw new OAuthError(
      'invalid_options',
      'The password grant needs { username, password }, both strings (RFC 6749 §4.3.2).',
    );
  }
  const all = { ...params, scope: scopeText(scope as string), username, password };
  return await requestByGrant(context, { grantType: 'password', params: all });
}

/**
 * Builds an authorization request whose token is returned in the fragment, without a code.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.2.1
 */
export function implicitRequest(
  context: ProtocolContext,
  redirectUri: string,
  params: Params,
): AuthorizationRequest {
  requireAllowed(context, 'implicit');
  refuseReserved(params, context.options);
  parseUrl(redirectUri, 'redirect URI');
  const { authorizeParams, scope } = context.options;
  const { scope: asked = scope, ...merged } = { ...authorizeParams, ...params };
  const query = new URLSearchParams(toPairs({ ...merged, scope: scopeText(asked as string) }));
  const state = randomToken();
  query.set('response_type', 'token');
  query.set('redirect_uri', redirectUri);
  query.set('state', state);
  return { state, redirectUri, url: authorizationUrl(context, query).href };
}

/**
 * Reads the token from the fragment of the callback URL.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.2.2
 */
export function readImplicitResponse(
  context: ProtocolContext,
  cameBackTo: string | URL,
  data: AuthorizeData,
): OAuth2Token {
  requireAllowed(context, 'implicit');
  const [, ...fragment] = String(cameBackTo).split('#');
  const params = new URLSearchParams(fragment.join('#'));
  if (!equalInConstantTime(readState(params) ?? '', data?.state || ' ')) {
    throw new OAuthError(
      'mismatching_state',
      'The fragment does not belong to this authorization request. Start the login again.',
    );
  }
  checkResponseIssuer(params, context.metadata, context);
  checkErrorResponse(params);
  const repeated = ['access_token', 'token_type', 'expires_in', 'scope'].find(
    (name) => params.getAll(name).length > 1,
  );
  if (repeated !== undefined) {
    throw new OAuthError(
      'invalid_callback',
      `The fragment has "${repeated}" more than once. Start the login again.`,
    );
  }
  const { id_token: _id, state: _state, iss: _iss, ...fields } = Object.fromEntries(params);
  return normalizeToken(fields);
}

function requireAllowed({ options }: ProtocolContext, grant: LegacyGrant): void {
  if (options.allowLegacyGrants?.includes(grant)) return;
  throw new OAuthError(
    'invalid_options',
    `The ${grant} grant is insecure and was removed from OAuth 2.1 (RFC 9700 §2). If the ` +
      'provider supports no other grant, register the client with allowLegacyGrants: ' +
      `['${grant}'].`,
  );
}
