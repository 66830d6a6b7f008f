import { jwtBearer, type AssertionOptions } from '../../../options/assertion.js';
import { nowSeconds, randomToken } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import type { PrivateKeyOption } from '../../../options/private-key.js';
import { clientKey } from '../../../options/client-auth.js';
import { scopeText } from '../../../platform/scope.js';
import { privateKeyCheck, readPrivateKey } from '../../../options/private-key.js';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { signWith } from '../client-auth/signing-key.js';
import { requestByGrant } from './grant.js';

/**
 * Requests a token with an assertion: a given one, or one signed here.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7523#section-2.1
 */
export async function jwtBearerToken(
  context: ProtocolContext,
  given: string | AssertionOptions,
  { scope = context.options.scope, ...params }: GrantParams,
): Promise<OAuth2Token> {
  const assertion = typeof given === 'string' ? given : await signAssertion(context, given);
  return await requestByGrant(context, {
    grantType: jwtBearer,
    params: { ...params, scope: scopeText(scope as string), assertion },
  });
}

/** Signs an assertion with a unique `jti`. */
async function signAssertion(
  { options, metadata }: ProtocolContext,
  given: AssertionOptions,
): Promise<string> {
  const { issuer = options.clientId ?? '', lifetime = 300, claims = {}, headers = {} } = given;
  const signer = readPrivateKey(keyOf(given, options));
  const { key, header } = await signWith(signer, { configured: given.alg, advertised: [] });
  const audience = given.audience ?? metadata.token_endpoint ?? '';
  const time = nowSeconds();
  const { SignJWT } = await import('../../../platform/jose.js');
  return await new SignJWT({ jti: randomToken(16), ...claims })
    .setProtectedHeader({ typ: 'JWT', ...headers, ...header })
    .setIssuer(issuer)
    .setSubject(given.subject ?? issuer)
    .setAudience(Array.isArray(audience) ? audience.map(String) : String(audience))
    .setIssuedAt(time)
    .setExpirationTime(time + lifetime)
    .sign(key);
}

function keyOf(given: AssertionOptions, options: ProtocolContext['options']): PrivateKeyOption {
  const key = given.key ?? clientKey(options);
  const problem = key === undefined ? 'is missing' : privateKeyCheck(key);
  if (key !== undefined && problem === undefined) return key;
  throw new OAuthError(
    'invalid_options',
    `The "key" of the assertion ${problem}. Pass a private key, register a "privateKey", or ` +
      'pass a signed assertion.',
  );
}
