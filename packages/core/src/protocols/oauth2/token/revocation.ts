import { OAuthError } from '../../../model/errors.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { DpopKey } from '../dpop/proof.js';
import { postForm, type FormAnswer } from '../endpoint/form-request.js';
import { endpointOf, type ProtocolContext } from '../endpoint/context.js';
import { refusalIn } from '../endpoint/error-response.js';
import { revokeInShape } from './revocation-shape.js';

/** Which token of a token response is meant (RFC 7009 §2.1). */
export interface TokenHint {
  hint?: 'access_token' | 'refresh_token' | undefined;
}

const what = 'revocation endpoint';

/** How the revocation of one token ended. `over`: it was good for nothing before. */
type Revoked = 'revoked' | 'over' | 'unsupported' | { error: unknown };

/**
 * Revokes tokens at the provider: of a token response first the refresh token, which is the more powerful,
 * then the access token. Both are tried, whatever becomes of the first. If the token is bound to a key, a
 * proof of the key goes along (RFC 9449 §4).
 *
 * @throws OAuthError the first failure: the client or the request was refused, or the provider is in trouble
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
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
    const outcome = outcomeOf(error, outcomes[0] === 'revoked');
    if (outcome === 'unsupported') unsupported ??= error;
    outcomes.push(outcome);
  }
  const failed = outcomes.find((outcome) => typeof outcome === 'object');
  if (failed) throw failed.error;
  // A provider that revokes neither kind has revoked nothing (RFC 7009 §2.2.1).
  if (outcomes.every((outcome) => outcome === 'unsupported')) throw unsupported;
}

/**
 * RFC 7009 §2.2: a token that is invalid already needs no revocation. An access token that went with its
 * refresh token is refused by some servers as an invalid request.
 */
function outcomeOf(error: unknown, isRefreshTokenRevoked: boolean): Revoked {
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
  const { revocation: shape } = context.options;
  const url = endpointOf(context, 'revocation_endpoint', 'revocationEndpoint');
  const answer = shape
    ? await revokeInShape(context, shape, { what, url, value, hint })
    : await postForm(context, {
        what,
        url,
        body: tokenForm({ value, hint }),
        dpopKey,
        edit: 'revokeTokenRequest',
      });
  const refusal = refusalOf(answer, context.options, secrets);
  if (refusal) throw refusal;
}

/**
 * RFC 7009 §2.2: the body of a success says nothing, and some providers send none. Only a provider that
 * is known to refuse with status 200 is read.
 */
function refusalOf(
  answer: FormAnswer,
  { errors: rules, revocation: shape }: ProtocolContext['options'],
  secrets: readonly string[],
): OAuthError | undefined {
  if (answer.status >= 200 && answer.status <= 299 && !rules) return undefined;
  // Who has the token asks, so it is the token that a 401 refuses.
  const unauthorized = shape?.auth === 'bearer' ? 'invalid_token' : 'invalid_client';
  return refusalIn(answer, { what, rules, leg: 'revocation', unauthorized, secrets });
}

/** A token, and what it is. */
export interface NamedToken {
  value: string;
  hint: TokenHint['hint'];
}

/** The form that names a token (RFC 7009 §2.1, RFC 7662 §2.1). */
export function tokenForm({ value, hint }: NamedToken): URLSearchParams {
  return new URLSearchParams({ token: value, ...(hint ? { token_type_hint: hint } : {}) });
}

/** The tokens that are meant: the text itself, or those of a token response, in the given order. */
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
    `There is no ${hint ?? 'token'} to name. Pass the token as authorizeAccessToken() returned it, or the text of one.`,
  );
}
