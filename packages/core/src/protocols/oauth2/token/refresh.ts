import { unverifiedClaims } from '../../../platform/jwt/unverified-claims.js';
import { isObject, toPairs } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { isUnsent } from '../../../platform/http/http.js';
import { asksForOpenId } from '../../../platform/scope.js';
import { mapVerified } from '../../../quirks/profile-mapping.js';
import { fillParams } from '../../../quirks/templates.js';
import type { Awaitable, OAuth2Token, Params } from '../../../model/types.js';
import { refreshLongLived } from './long-lived.js';
import type { IdTokenClaims } from '../openid/id-token.js';
import type { Identity } from '../openid/identity.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { refreshGrant } from './request.js';

/** The OpenID Connect functions a refresh needs. */
type RefreshIdentity = Pick<Identity, 'verifiedUser' | 'decryptIdToken' | 'prepare' | 'isIssuer'>;

/**
 * Sends the refresh token and returns the new token. Members missing from the response remain: the
 * refresh token (RFC 6749 §6), the scope, and the user's claims.
 *
 * Everything that can fail without the refresh token happens before it is sent. After that, the
 * response is always returned: a rejected id_token is removed, and the previous one remains.
 *
 * @throws OAuthError `invalid_id_token` if the id_token is for another user, issuer or client; the
 *   response is then discarded
 */
export async function refreshToken(
  context: ProtocolContext,
  token: OAuth2Token,
  { identity, params }: { identity: RefreshIdentity; params: Params },
): Promise<OAuth2Token> {
  refuseMissingToken(token);
  const original = originalClaims(token);
  const asks = asksForOpenId(token.scope) || asksForOpenId(context.options.scope);
  const ignores = await identity.prepare(asks || original !== undefined);
  const { id_token: idToken, ...response } = await fetchFresh(context, token, params);
  const {
    expires_in: _lifetime,
    expires_at: _expiry,
    expires_unreadable: _unreadable,
    ...rest
  } = token;
  // RFC 6749 §5.1: a response without `scope` grants the requested scope.
  const asked = params['scope'] ? { scope: String(params['scope']) } : {};
  const fresh = { ...rest, ...asked, ...response };
  if (idToken === undefined || ignores) return fresh;
  const received: OAuth2Token = { ...response, id_token: idToken };
  const opened = await identity.decryptIdToken(received).catch((error: unknown) => ({ error }));
  const other = await otherLogin('error' in opened ? idToken : opened.id_token, {
    isIssuer: (iss) => (original ? iss === original['iss'] : identity.isIssuer(iss)),
    subject: original?.['sub'],
    clientId: context.options.clientId,
  });
  if (other !== undefined) throw endedBy(other);
  try {
    if ('error' in opened) throw opened.error;
    const userinfo = await identity.verifiedUser(opened);
    checkSameLogin(original, userinfo);
    const verified = { ...fresh, ...opened, userinfo };
    return context.options.profile ? mapVerified(context.options, verified) : verified;
  } catch (error) {
    context.warn?.({ field: 'id_token', message: messageOf(error) });
    return fresh;
  }
}

/** Rejects a missing token, such as one lost with a session. */
export function refuseMissingToken(token: OAuth2Token | null | undefined): void {
  if (token !== undefined && token !== null) return;
  throw new OAuthError(
    'missing_token',
    'There is no token. Pass the token that authorizeAccessToken() returned, or the stored ' +
      'one.',
  );
}

async function fetchFresh(
  context: ProtocolContext,
  token: OAuth2Token,
  more: Params,
): Promise<OAuth2Token> {
  const { options } = context;
  if (typeof token.refresh_token !== 'string' || token.refresh_token === '') {
    const fresh = await refreshLongLived(context, token, more);
    if (fresh) return fresh;
    throw new OAuthError(
      'missing_token',
      'The token has no "refresh_token". Log in again; many providers return one only on ' +
        'request, for example with scope "offline_access".',
    );
  }
  const { clientId, refreshTokenParams } = options;
  const params =
    refreshTokenParams && fillParams(refreshTokenParams, { client_id: clientId, token });
  const extra = new URLSearchParams(toPairs({ ...params, ...more }));
  return await refreshGrant(context, token, extra).catch((error: unknown) => {
    throw maySpend(error) ? lost(error) : error;
  });
}

/** Codes of temporary errors after which the outcome of the request is unknown. */
const passing: ReadonlySet<string> = new Set(['provider_unavailable', 'timeout']);

/** Codes of a successful response without a usable token. */
const unusable: ReadonlySet<string> = new Set([
  'invalid_response',
  'unsupported_token_type',
  'response_too_large',
]);

/** Whether the provider may have consumed the refresh token and sent another that was lost. */
function maySpend(error: unknown): error is OAuthError {
  if (!(error instanceof OAuthError)) return false;
  if (unusable.has(error.code)) return error.error === undefined;
  return passing.has(error.code) && !isUnsent(error) && (error.providerStatus ?? 500) >= 500;
}

/** Adds to an error that the refresh token may be lost. */
function lost(failure: OAuthError): OAuthError {
  const { code, message, error, error_description, error_uri } = failure;
  const { providerStatus, reason, retryAfter } = failure;
  const words = { error, error_description, error_uri };
  return new OAuthError(
    code,
    `${message} The refresh token was sent: if the provider has rotated it, the new one is ` +
      'lost, and the user must log in again.',
    { ...words, phase: 'refresh', providerStatus, reason, retryAfter },
  );
}

type Claims = Readonly<Record<string, unknown>>;

/** Returns the claims of the login's id_token from the stored token. */
function originalClaims(token: OAuth2Token): Claims | undefined {
  const { id_token: idToken, userinfo } = token;
  // Applications may have stored only the verified claims.
  const known: unknown[] = [unverifiedClaims(idToken), userinfo?.raw, userinfo];
  return known.filter(isObject).find((claims) => isTextOrNumber(claims['iss']));
}

/** Expected claims of an id_token. */
interface Expected {
  isIssuer: (iss: unknown) => Awaitable<boolean>;
  /** `undefined` if unknown. */
  subject: unknown;
  clientId: string | undefined;
}

/**
 * Returns the claim that shows that an id_token is for another user, issuer or client (OpenID
 * Connect Core §12.2). It is read before the signature is verified: with or without a valid
 * signature, the response is not for this login.
 */
async function otherLogin(
  idToken: unknown,
  { isIssuer, subject, clientId }: Expected,
): Promise<'iss' | 'sub' | 'aud' | undefined> {
  const { iss, sub, aud } = unverifiedClaims(idToken) ?? {};
  if (isTextOrNumber(iss) && !(await isIssuer(iss))) return 'iss';
  if (isTextOrNumber(sub) && isTextOrNumber(subject) && sub !== subject) return 'sub';
  return isAbsent(aud) || [aud].flat().includes(clientId) ? undefined : 'aud';
}

/** Creates the error for a response that belongs to another user, issuer or client. */
function endedBy(claim: string): OAuthError {
  return new OAuthError(
    'invalid_id_token',
    `The "${claim}" of the refreshed id_token differs from that of the login: it is for ` +
      'another user, issuer or client (OpenID Connect Core §12.2). The response was ' +
      'discarded. Log in again.',
    { phase: 'refresh' },
  );
}

/** Whether a claim has a value, of whatever type. */
function isTextOrNumber(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/**
 * Validates that the authentication claims are unchanged by a refresh (OpenID Connect Core §12.2).
 */
function checkSameLogin(original: Claims | undefined, claims: IdTokenClaims): void {
  if (original === undefined) return;
  const differing = comparisons.find(([claim, agrees]) => !agrees(claims[claim], original[claim]));
  if (differing === undefined) return;
  throw new OAuthError(
    'invalid_id_token',
    `The "${differing[0]}" of the refreshed id_token differs from that of the login (OpenID ` +
      'Connect Core §12.2). Report it to the provider.',
  );
}

type Agrees = (fresh: unknown, original: unknown) => boolean;

const sameIfBoth: Agrees = (fresh, original) =>
  isAbsent(fresh) || isAbsent(original) || fresh === original;

const includesAll: Agrees = (whole, part) =>
  [part].flat().every((one) => [whole].flat().includes(one));

const comparisons: readonly [claim: string, agrees: Agrees][] = [
  [
    'aud',
    (fresh, original) =>
      isAbsent(original) || (includesAll(fresh, original) && includesAll(original, fresh)),
  ],
  ['azp', sameIfBoth],
  ['auth_time', sameIfBoth],
  ['nonce', sameIfBoth],
];

function isAbsent(value: unknown): boolean {
  return value === undefined || value === null;
}

/**
 * Returns the message of an error of this library. Errors of application code may contain anything.
 */
function messageOf(error: unknown): string {
  return error instanceof OAuthError
    ? error.message
    : 'The function "profile" of this client failed on the id_token.';
}
