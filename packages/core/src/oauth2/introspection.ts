import { nowSeconds } from '../crypto.js';
import { isObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { leewayOf } from '../options/openid.js';
import type { OAuth2Token } from '../types.js';
import { postForm } from './endpoint.js';
import { allowedAlgorithms } from './algorithms.js';
import type { Jwks } from './jwks.js';
import { endpointOf, type ProtocolContext } from './protocol.js';
import { namedTokens, tokenForm, type TokenHint } from './revocation.js';
import { checkParties, refusal, verifySignedJwt, type SignedJwtPolicy } from './signed-jwt.js';
import { readTokenAnswer } from './token-response.js';

/** What the provider says of a token, with its wire names (RFC 7662 §2.2). */
export interface TokenIntrospection {
  /** Whether the token is good right now; of one that is not, nothing else is said. */
  active: boolean;
  scope?: string;
  client_id?: string;
  username?: string;
  token_type?: string;
  /** Seconds since the epoch. */
  exp?: number;
  iat?: number;
  nbf?: number;
  sub?: string;
  aud?: string | string[];
  iss?: string;
  jti?: string;
  [field: string]: unknown;
}

const what = 'introspection endpoint';

const signedType = 'application/token-introspection+jwt';

/**
 * Asks the provider about a token: the access token of a token response unless `hint` says otherwise.
 * A signed answer (RFC 9701) is verified; with `introspectionSignedResponseAlg` it must be signed.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
 */
export async function introspectToken(
  context: ProtocolContext,
  token: OAuth2Token | string,
  { hint, jwks }: TokenHint & { jwks: Jwks | undefined },
): Promise<TokenIntrospection> {
  const { options } = context;
  const [named] = namedTokens(token, hint, ['access_token', 'refresh_token']);
  const mustSign = options.introspectionSignedResponseAlg !== undefined;
  const answer = await postForm(context, {
    what,
    url: endpointOf(context, 'introspection_endpoint', 'introspectionEndpoint'),
    body: tokenForm(named),
    headers: new Headers({ accept: mustSign ? signedType : 'application/json' }),
    edit: options.complianceFix?.introspectTokenRequest,
  });
  const signed = answer.headers.get('content-type')?.toLowerCase().startsWith(signedType);
  if (signed && answer.status === 200) return await readSigned(context, answer.text, jwks);
  const body = await readTokenAnswer(answer, what);
  if (!mustSign) return read(body);
  throw new OAuthError(
    'invalid_response',
    'The introspection endpoint did not sign its answer, which "introspectionSignedResponseAlg" asks for. ' +
      'Register the client there for signed answers (RFC 9701 §6).',
  );
}

function read(body: Record<string, unknown>): TokenIntrospection {
  const { active } = body;
  if (typeof active === 'boolean') return { ...body, active };
  throw new OAuthError(
    'invalid_response',
    'The introspection answer has no boolean "active" (RFC 7662 §2.2). Check "introspectionEndpoint".',
  );
}

/** RFC 9701 §5: issued by this provider for this client, and of a type of its own. */
async function readSigned(
  { options, metadata }: ProtocolContext,
  jwt: string,
  jwks: Jwks | undefined,
): Promise<TokenIntrospection> {
  const policy: SignedJwtPolicy = {
    what: 'signed introspection answer',
    code: 'invalid_response',
    types: ['token-introspection+jwt'],
    algorithms: allowedAlgorithms(
      options.introspectionSignedResponseAlg,
      metadata['introspection_signing_alg_values_supported'],
    ),
    jwks,
    clientSecret: options.clientSecret,
  };
  const claims = await verifySignedJwt(jwt, policy);
  const { iat, token_introspection: introspection } = claims;
  checkParties(claims, { policy }, { options, metadata });
  if (typeof iat !== 'number' || iat > nowSeconds() + leewayOf(options)) {
    throw refusal(policy, 'does not say when it was issued ("iat"), or lies in the future');
  }
  if (!isObject(introspection)) throw refusal(policy, 'has no "token_introspection" object');
  return read(introspection);
}
