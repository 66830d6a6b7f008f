import { tokenIntrospection } from 'openid-client';
import { isObject, withoutNulls } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { leewayOf } from '../../../options/openid.js';
import { isSubject } from '../../../platform/standard-claims.js';
import type { OAuth2Token } from '../../../model/types.js';
import { callEndpoint } from '../endpoint/openid-client.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { hintParams, namedTokens, type TokenHint } from './revocation.js';
import { audienceRule, issuedRule, type ClaimRule } from '../../../platform/jwt/claim-rules.js';
import { verifyJwt } from '../../../platform/jwt/verify.js';
import { issuerRule, policyFor, type JwtContext, type JwtKind } from '../jwt/policy.js';
import { readTokenResponse } from '../endpoint/response.js';

/** An introspection response, with its wire names (RFC 7662 §2.2). */
export interface TokenIntrospection {
  /** Whether the token is currently active. An inactive token has no other members. */
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

const signedIntrospection = {
  what: 'signed introspection response',
  code: 'invalid_response',
  option: 'introspectionSignedResponseAlg',
  supported: 'introspection_signing_alg_values_supported',
  types: ['token-introspection+jwt'],
} as const satisfies JwtKind;

/**
 * Introspects a token: the access token of a token response unless `hint` says otherwise. A signed
 * response (RFC 9701) is verified; with `introspectionSignedResponseAlg` an unsigned one is
 * rejected.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7662#section-2
 */
export async function introspectToken(
  context: ProtocolContext,
  token: OAuth2Token | string,
  { hint, ...keys }: TokenHint & Pick<JwtContext, 'jwks' | 'limits'>,
): Promise<TokenIntrospection> {
  const { options, metadata } = context;
  const [named] = namedTokens(token, hint, ['access_token', 'refresh_token']);
  const mustSign = options.introspectionSignedResponseAlg !== undefined;
  const { value } = named;
  const response = await callEndpoint(context, {
    what,
    url: requireEndpoint(context, 'introspection_endpoint', 'introspectionEndpoint'),
    params: hintParams(named),
    run: (configuration, params) => tokenIntrospection(configuration, value, params),
    dpopKey: await context.dpop?.keyOf(token),
    accept: mustSign ? signedType : 'application/json',
    edit: 'introspectTokenRequest',
    async read(received) {
      const type = received.headers.get('content-type')?.toLowerCase();
      if (type?.startsWith(signedType) && received.status === 200) {
        return await readSigned(received.text, { options, metadata, ...keys });
      }
      const body = await readTokenResponse(received, what);
      if (!mustSign) return readIntrospection(body);
      throw new OAuthError(
        'invalid_response',
        'The introspection response is not signed, although "introspectionSignedResponseAlg" is ' +
          'set. Register the client for signed responses at the provider (RFC 9701 §6).',
      );
    },
  });
  return response as TokenIntrospection;
}

function readIntrospection(document: Record<string, unknown>): TokenIntrospection {
  const body = withoutNulls(document);
  const { active, sub } = body;
  if (sub !== undefined && !isSubject(sub)) {
    throw new OAuthError(
      'invalid_response',
      'The "sub" of the introspection response is not 1 to 255 characters of well-formed ' +
        'text without control characters. The response was discarded. Report it to the provider.',
    );
  }
  if (typeof active === 'boolean') return { ...body, active };
  throw new OAuthError(
    'invalid_response',
    'The introspection response has no boolean "active" (RFC 7662 §2.2). Check ' +
      '"introspectionEndpoint".',
  );
}

/**
 * Verifies a signed response: issued by this provider for this client, with its own `typ` (RFC 9701
 * §5).
 */
async function readSigned(jwt: string, context: JwtContext): Promise<TokenIntrospection> {
  const { options } = context;
  const rules: ClaimRule[] = [
    issuerRule(context),
    audienceRule(options.clientId),
    issuedRule(leewayOf(options)),
    ['token_introspection', isObject, 'is not an object (RFC 9701 §5). Report it to the provider.'],
  ];
  const { claims } = await verifyJwt(jwt, { ...policyFor(signedIntrospection, context), rules });
  return readIntrospection(claims['token_introspection'] as Record<string, unknown>);
}
