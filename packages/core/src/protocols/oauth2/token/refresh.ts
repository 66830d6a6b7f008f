import { decodeJwt } from 'jose';
import { isObject, toPairs } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { isUnsent } from '../../../platform/http/http.js';
import { asksForOpenId } from '../../../options/scope.js';
import { mapVerified } from '../../../quirks/profile-mapping.js';
import { fillParams } from '../../../quirks/templates.js';
import type { Awaitable, OAuth2Token, Params } from '../../../model/types.js';
import { renewLongLived } from './long-lived.js';
import type { IdTokenClaims } from '../openid/id-token.js';
import type { Identity } from '../openid/identity.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { refreshGrant } from './request.js';

/** What a refresh needs of OpenID Connect. */
type RefreshIdentity = Pick<Identity, 'verifiedUser' | 'openIdToken' | 'prepare' | 'isIssuer'>;

/**
 * Sends the token's refresh token and returns the token that comes back. What the response leaves out stays
 * as it was: the refresh token (RFC 6749 §6), the scope, and the user's claims.
 *
 * All that can fail without the refresh token is done before it is sent. After that, what came back is
 * returned: an id_token that is refused is left out, and the one before it stays.
 *
 * @throws OAuthError `invalid_id_token` if the id_token is for another user, issuer or client: then nothing
 *   of the response is used
 */
export async function refreshToken(
  context: ProtocolContext,
  token: OAuth2Token,
  { identity, params }: { identity: RefreshIdentity; params: Params },
): Promise<OAuth2Token> {
  const original = originalClaims(token);
  const asks = asksForOpenId(token?.scope) || asksForOpenId(context.options.scope);
  const ignores = await identity.prepare(asks || original !== undefined);
  const { id_token: idToken, ...answer } = await fetchFresh(context, token, params);
  const {
    expires_in: _lifetime,
    expires_at: _expiry,
    expires_unreadable: _unreadable,
    ...kept
  } = token;
  // RFC 6749 §5.1: a response that does not say its scope grants the one that was asked for.
  const asked = params['scope'] ? { scope: String(params['scope']) } : {};
  const fresh = { ...kept, ...asked, ...answer };
  if (idToken === undefined || ignores) return fresh;
  const received: OAuth2Token = { ...answer, id_token: idToken };
  const opened = await identity.openIdToken(received).catch((error: unknown) => ({ error }));
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
    return mapVerified(context.options, { ...fresh, ...opened, userinfo });
  } catch (error) {
    context.warn?.({ field: 'id_token', message: messageOf(error) });
    return fresh;
  }
}

async function fetchFresh(
  context: ProtocolContext,
  token: OAuth2Token | undefined,
  more: Params,
): Promise<OAuth2Token> {
  const { options, metadata } = context;
  if (typeof token?.refresh_token !== 'string' || token.refresh_token === '') {
    const fresh = token && (await renewLongLived(context, token, more));
    if (fresh) return fresh;
    throw new OAuthError(
      'missing_token',
      'The token has no "refresh_token". Log in again; many providers give one only when asked, for ' +
        'example with scope "offline_access".',
    );
  }
  const endpoint = options.refreshTokenUrl ?? metadata.token_endpoint;
  const at = { ...metadata, ...(endpoint ? { token_endpoint: endpoint } : {}) };
  const params = fillParams(options.refreshTokenParams, { client_id: options.clientId, token });
  const extra = new URLSearchParams(toPairs({ ...params, ...more }));
  return await refreshGrant({ ...context, metadata: at }, token, extra).catch((error: unknown) => {
    throw maySpend(error) ? lost(error) : error;
  });
}

/** What passes, but leaves open what became of the request. */
const passing: ReadonlySet<string> = new Set(['provider_unavailable', 'timeout']);

/** What a success that holds no token which can be used is refused with. */
const unusable: ReadonlySet<string> = new Set([
  'invalid_response',
  'unsupported_token_type',
  'response_too_large',
]);

/** Tells whether the provider may have taken a refresh token, and given another that never arrived. */
function maySpend(error: unknown): error is OAuthError {
  if (!(error instanceof OAuthError)) return false;
  if (unusable.has(error.code)) return error.error === undefined;
  return passing.has(error.code) && !isUnsent(error) && (error.providerStatus ?? 500) >= 500;
}

/** Says what a response that cannot be used, or never arrived, may have cost. */
function lost(failure: OAuthError): OAuthError {
  const { code, message, error, error_description, error_uri } = failure;
  const { providerStatus, reason, retryAfter } = failure;
  const words = { error, error_description, error_uri };
  return new OAuthError(
    code,
    `${message} The refresh token was sent: if the provider has replaced it, the new one is lost, and the user ` +
      'must log in again.',
    { ...words, phase: 'refresh', providerStatus, reason, retryAfter },
  );
}

type Claims = Readonly<Record<string, unknown>>;

/** The claims of the login's id_token, as far as the application has stored them. */
function originalClaims(token: OAuth2Token | undefined): Claims | undefined {
  const { id_token: idToken, userinfo } = token ?? {};
  // Applications may have stored the verified claims alone.
  const known: unknown[] = [payloadOf(idToken), userinfo?.raw, userinfo];
  return known.filter(isObject).find((claims) => isNamed(claims['iss']));
}

/** The payload of a JWT, unverified; `undefined` if it has none that can be read. */
function payloadOf(jwt: unknown): Claims | undefined {
  try {
    return typeof jwt === 'string' ? decodeJwt(jwt) : undefined;
  } catch {
    return undefined;
  }
}

/** What an id_token must be about. */
interface Expected {
  isIssuer: (iss: unknown) => Awaitable<boolean>;
  /** `undefined` if it is not known. */
  subject: unknown;
  clientId: string | undefined;
}

/**
 * Finds the claim by which an id_token is for another user, issuer or client (OpenID Connect Core §12.2). It
 * is read before the signature is verified: whoever signed it, the response is not for this login.
 */
async function otherLogin(
  idToken: unknown,
  { isIssuer, subject, clientId }: Expected,
): Promise<'iss' | 'sub' | 'aud' | undefined> {
  const { iss, sub, aud } = payloadOf(idToken) ?? {};
  if (isNamed(iss) && !(await isIssuer(iss))) return 'iss';
  if (isNamed(sub) && isNamed(subject) && sub !== subject) return 'sub';
  return isAbsent(aud) || [aud].flat().includes(clientId) ? undefined : 'aud';
}

/** An authorization that ends with a response for somebody else. */
function endedBy(claim: string): OAuthError {
  return new OAuthError(
    'invalid_id_token',
    `The "${claim}" of the refresh's id_token is not that of the login: it is for another user, issuer or ` +
      'client (OpenID Connect Core §12.2). Nothing of the response was used. Log in again.',
    { phase: 'refresh' },
  );
}

/** A claim that names somebody, in whatever form. */
function isNamed(value: unknown): boolean {
  return typeof value === 'string' || typeof value === 'number';
}

/** OpenID Connect Core §12.2: a refresh does not change how the user logged in. */
function checkSameLogin(original: Claims | undefined, claims: IdTokenClaims): void {
  if (original === undefined) return;
  const differing = comparisons.find(([claim, agrees]) => !agrees(claims[claim], original[claim]));
  if (differing === undefined) return;
  throw new OAuthError(
    'invalid_id_token',
    `The "${differing[0]}" of the refresh's id_token is not that of the login's (OpenID Connect Core §12.2).`,
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

/** Errors of the application's own code may quote anything. */
function messageOf(error: unknown): string {
  return error instanceof OAuthError
    ? error.message
    : 'The id_token could not be read by the "profile" of this client.';
}
