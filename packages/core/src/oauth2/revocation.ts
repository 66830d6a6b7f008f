import { OAuthError } from '../errors.js';
import type { HttpAnswer } from '../http.js';
import type { OAuth2Token } from '../types.js';
import { postForm } from './endpoint.js';
import { endpointOf, type ProtocolContext } from './protocol.js';
import { revokeInShape } from './revocation-shape.js';
import { parseBody, readRefusal, readTokenAnswer, refused } from './token-response.js';

/** Which token of a token response is meant (RFC 7009 §2.1). */
export interface TokenHint {
  hint?: 'access_token' | 'refresh_token' | undefined;
}

const what = 'revocation endpoint';

/** What is said of an access token that went with its refresh token, or cannot be revoked by itself. */
const gone: readonly string[] = ['unsupported_token_type', 'invalid_token'];

/**
 * Tells the provider that tokens are no longer needed. Of a token response first the refresh token,
 * which is the more powerful, then the access token; a provider that revokes refresh tokens only is
 * content with that.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7009#section-2
 */
export async function revokeToken(
  context: ProtocolContext,
  token: OAuth2Token | string,
  { hint }: TokenHint,
): Promise<void> {
  const { only } = context.options.revocation ?? {};
  const order = only ? [only] : (['refresh_token', 'access_token'] as const);
  const [first, ...others] = namedTokens(token, only ?? hint, order);
  await revoke(context, first);
  for (const other of others) {
    try {
      await revoke(context, other);
    } catch (error) {
      if (!(error instanceof OAuthError && gone.includes(error.code))) throw error;
    }
  }
}

async function revoke(context: ProtocolContext, { value, hint }: NamedToken): Promise<void> {
  const { revocation: shape, complianceFix, clientId = '', clientSecret } = context.options;
  const url = endpointOf(context, 'revocation_endpoint', 'revocationEndpoint');
  const answer = shape
    ? await revokeInShape(context, shape, { what, url, value, hint })
    : await postForm(context, {
        what,
        url,
        body: tokenForm({ value, hint }),
        edit: (request) => complianceFix?.revokeTokenRequest?.(request, { clientId, clientSecret }),
      });
  if (answer.status < 200 || answer.status > 299) await readTokenAnswer(answer, what);
  else refuseByRule(answer, context.options.errors);
}

/**
 * RFC 7009 §2.2: the body of a success says nothing, and some providers send none. Only a provider that
 * is known to refuse with status 200 is read.
 */
function refuseByRule(answer: HttpAnswer, rules: ProtocolContext['options']['errors']): void {
  const body = rules && parseBody(answer.text);
  const refusal = body && readRefusal(body, rules, 'revocation');
  if (refusal) throw refused(refusal, answer, what);
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
