import { tokenRevocation } from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { DpopKey } from '../dpop/proof.js';
import { callEndpoint, type FormResponse } from '../endpoint/openid-client.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { errorResponseIn } from '../endpoint/response.js';
import { revokeInShape } from './revocation-shape.js';

/** Selects a token of a token response (RFC 7009 §2.1). */
export interface TokenHint {
  hint?: 'access_token' | 'refresh_token' | undefined;
}

const what = 'revocation endpoint';

/** The outcome of one revocation. `over`: the token was already invalid. */
type Revoked = 'revoked' | 'over' | 'unsupported' | { error: unknown };

/**
 * Revokes tokens at the provider. Of a token response, the refresh token is revoked first, then the
 * access token, even if the first request fails. For a DPoP-bound token, a proof is sent (RFC 9449
 * §4).
 *
 * @throws OAuthError the first failure: the client or the request was rejected, or the provider is
 *   unavailable
 */
export async function revokeToken(
  context: ProtocolContext,
  token: OAuth2Token | string,
  { hint }: TokenHint,
): Promise<void> {
  const { only } = context.options.revocation ?? {};
  const order = only ? [only] : (['refresh_token', 'access_token'] as const);
  const outcomes: Revoked[] = [];
  let unsupported: unknown;
  const all = namedTokens(token, only ?? hint, order);
  const bound = {
    secrets: all.map(({ value }) => value),
    dpopKey: await context.dpop?.keyOf(token),
  };
  for (const named of all) {
    const error = await revoke(context, named, bound).then(
      () => undefined,
      (failure: unknown) => failure,
    );
    const outcome = revocationOutcome(error, outcomes[0] === 'revoked');
    if (outcome === 'unsupported') unsupported ??= error;
    outcomes.push(outcome);
  }
  const failed = outcomes.find((outcome) => typeof outcome === 'object');
  if (failed) throw failed.error;
  // Fails if the provider supports neither token type (RFC 7009 §2.2.1).
  if (outcomes.every((outcome) => outcome === 'unsupported')) throw unsupported;
}

/**
 * Returns the outcome of a failed revocation. An invalid token needs no revocation (RFC 7009 §2.2).
 * Some providers reject an access token that was revoked with its refresh token as an invalid
 * request.
 */
function revocationOutcome(error: unknown, isRefreshTokenRevoked: boolean): Revoked {
  if (error === undefined) return 'revoked';
  if (!(error instanceof OAuthError)) return { error };
  const { code, providerStatus } = error;
  if (code === 'unsupported_token_type') return 'unsupported';
  if (code === 'invalid_token' || code === 'invalid_grant') return 'over';
  const went = isRefreshTokenRevoked && providerStatus === 400 && code === 'invalid_request';
  return went ? 'over' : { error };
}

async function revoke(
  context: ProtocolContext,
  { value, hint }: NamedToken,
  { secrets, dpopKey }: { secrets: readonly string[]; dpopKey: DpopKey | undefined },
): Promise<void> {
  const { options } = context;
  const { revocation: shape } = options;
  const url = requireEndpoint(context, 'revocation_endpoint', 'revocationEndpoint');
  const read = (response: FormResponse): object => {
    const error = errorResponseOf(response, options, secrets);
    if (error) throw error;
    return {};
  };
  if (shape) return void read(await revokeInShape(context, shape, { what, url, value, hint }));
  await callEndpoint(context, {
    what,
    url,
    params: hintParams({ hint }),
    run: (configuration, params) => tokenRevocation(configuration, value, params),
    read,
    dpopKey,
    edit: 'revokeTokenRequest',
  });
}

/**
 * Returns the error of a revocation response. The body of a success is ignored (RFC 7009 §2.2), and
 * some providers send none, unless the provider is known to send errors with status 200.
 */
function errorResponseOf(
  response: FormResponse,
  { errors: rules, revocation: shape }: ProtocolContext['options'],
  secrets: readonly string[],
): OAuthError | undefined {
  if (response.status >= 200 && response.status <= 299 && !rules) return undefined;
  // With bearer authentication, a 401 rejects the token itself.
  const unauthorized = shape?.auth === 'bearer' ? 'invalid_token' : 'invalid_client';
  return errorResponseIn(response, { what, rules, endpoint: 'revocation', unauthorized, secrets });
}

/** A token and its type. */
export interface NamedToken {
  value: string;
  hint: TokenHint['hint'];
}

/** Returns the parameter that names the kind of a token (RFC 7009 §2.1, RFC 7662 §2.1). */
export function hintParams({ hint }: Pick<NamedToken, 'hint'>): URLSearchParams {
  return new URLSearchParams(hint ? { token_type_hint: hint } : {});
}

/**
 * Returns the selected tokens: the string itself, or those of a token response, in the given order.
 */
export function namedTokens(
  token: OAuth2Token | string,
  hint: TokenHint['hint'],
  order: readonly NonNullable<TokenHint['hint']>[],
): [NamedToken, ...NamedToken[]] {
  const found =
    typeof token === 'string'
      ? [{ value: token, hint }]
      : (hint ? [hint] : order).map((name) => ({ value: token?.[name] ?? '', hint: name }));
  const [first, ...others] = found.filter(({ value }) => typeof value === 'string' && value !== '');
  if (first) return [first, ...others];
  throw new OAuthError(
    'missing_token',
    `There is no ${hint ?? 'token'}. Pass the token that authorizeAccessToken() returned, ` +
      'or one token as a string.',
  );
}
