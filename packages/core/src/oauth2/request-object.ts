import { SignJWT, type JWTPayload } from 'jose';
import { nowSeconds, randomToken } from '../crypto.js';
import { isObject, tryJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { ProtocolContext } from './protocol.js';
import { pushes } from './pushed-request.js';
import { keySigner, secretSigner, type Signer } from './signing-key.js';

/** Seconds a request object is good for: as long as a person takes to arrive at the provider. */
const lifetime = 300;

/** Parameters whose value is JSON; in a request object they are no text (OpenID Connect Core §6.1). */
const structured = ['claims', 'authorization_details', 'max_age'];

/**
 * Puts an authorization request into a signed request object, where the client or the provider wants
 * one; else hands it back as it is.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9101#section-4
 */
export async function signRequest(
  context: ProtocolContext,
  params: URLSearchParams,
): Promise<URLSearchParams> {
  const { options, metadata } = context;
  const required = metadata['require_signed_request_object'] === true;
  const publish = pushes(context) ? undefined : options.publishRequestObject;
  if (options.requestObjectSigningAlg === undefined && !required && !publish) return params;
  const clientId = options.clientId ?? '';
  const { key, header } = await chooseSigner(context);
  const now = nowSeconds();
  const request = await new SignJWT({ ...asClaims(params), jti: randomToken(16) })
    .setProtectedHeader({ ...header, typ: 'oauth-authz-req+jwt' })
    .setIssuer(clientId)
    .setAudience(metadata.issuer ?? metadata.authorization_endpoint ?? '')
    .setIssuedAt(now)
    .setNotBefore(now)
    .setExpirationTime(now + lifetime)
    .sign(key);
  if (!publish) return new URLSearchParams({ client_id: clientId, request });
  const address = checkAddress(context, await publish(request));
  return new URLSearchParams({ client_id: clientId, request_uri: address });
}

/** RFC 9101 §5.2: an address the provider may fetch, and short enough for every browser. */
function checkAddress({ http }: ProtocolContext, address: unknown): string {
  const what = 'address from "publishRequestObject"';
  if (typeof address === 'string' && address.length <= 512) return http.check(address, what).href;
  throw new OAuthError('invalid_options', `The ${what} must be a text of at most 512 characters.`);
}

async function chooseSigner({ options, metadata }: ProtocolContext): Promise<Signer> {
  const configured = options.requestObjectSigningAlg;
  const advertised = metadata['request_object_signing_alg_values_supported'];
  if (configured?.startsWith('HS')) {
    return secretSigner(options.clientSecret ?? '', { configured, advertised });
  }
  const signer = await keySigner(options, { configured, advertised });
  if (signer) return signer;
  throw new OAuthError(
    'invalid_options',
    'The provider takes signed authorization requests only (RFC 9101): give the client a "privateKey".',
  );
}

function asClaims(params: URLSearchParams): JWTPayload {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [value = '', ...more] = params.getAll(name);
      if (more.length > 0) return [name, [value, ...more]];
      return [name, structured.includes(name) ? readJson(value) : value];
    }),
  );
}

/** The texts come from an application, which may have written them itself. */
function readJson(value: string): unknown {
  const parsed = tryJson(value);
  return isObject(parsed) || Array.isArray(parsed) || typeof parsed === 'number' ? parsed : value;
}
