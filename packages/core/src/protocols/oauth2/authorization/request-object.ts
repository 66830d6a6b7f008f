import type { JWTPayload } from 'jose';
import { nowSeconds, randomToken } from '../../../platform/crypto.js';
import { isObject, tryJson } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { asksForOpenId } from '../../../platform/scope.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { pushes } from './pushed-request.js';
import { keySigner, secretSigner, type Signer } from '../client-auth/signing-key.js';

/** Lifetime of a request object in seconds: the time a user may take to reach the provider. */
const lifetime = 300;

/**
 * Parameters with JSON values, which are not strings in a request object (OpenID Connect Core
 * §6.1).
 */
const structured = ['claims', 'authorization_details', 'max_age'];

/**
 * Converts an authorization request to a request object if the client or the provider requires one.
 * Otherwise returns it unchanged.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9101#section-4
 */
export async function withRequestObject(
  context: ProtocolContext,
  params: URLSearchParams,
): Promise<URLSearchParams> {
  const { options, metadata } = context;
  const required = metadata['require_signed_request_object'] === true;
  const publish = pushes(context) ? undefined : options.publishRequestObject;
  if (options.requestObjectSigningAlg === undefined && !required && !publish) return params;
  const request = await requestObject(context, params);
  const visible = new URLSearchParams(besideObject(context, params));
  if (!publish) visible.set('request', request);
  else visible.set('request_uri', checkRequestUri(context, await publish(request)));
  return visible;
}

async function requestObject(context: ProtocolContext, params: URLSearchParams): Promise<string> {
  const { options, metadata } = context;
  const claims = {
    ...requestClaims(params, structured),
    ...requestTimes(),
    iss: options.clientId ?? '',
    aud: metadata.issuer ?? metadata.authorization_endpoint ?? '',
  };
  if (options.requestObjectSigningAlg === 'none') return await unsigned(context, claims);
  const { key, header } = await chooseSigner(context);
  const { SignJWT } = await import('../../../platform/jose.js');
  return await new SignJWT(claims)
    .setProtectedHeader({ ...header, typ: 'oauth-authz-req+jwt' })
    .sign(key);
}

/**
 * Returns the parameters sent beside a request object. RFC 9101 §5 requires only `client_id`;
 * OpenID Connect Core §6.1 and §6.2 also require `response_type` and a `scope` with `openid`, with
 * the same values as inside. A pushed request has all its parameters in the object (RFC 9126 §3).
 */
function besideObject(context: ProtocolContext, params: URLSearchParams): string[][] {
  const { scopeSeparator = ' ' } = context.options;
  const scope = params.get('scope')?.split(scopeSeparator);
  const openid = !pushes(context) && asksForOpenId(scope);
  const names = ['client_id', ...(openid ? ['response_type', 'scope'] : [])];
  return names.map((name) => [name, params.get(name) ?? '']);
}

/**
 * Returns an unsigned request object, which OpenID Connect Core §6.2 allows only by reference over
 * https.
 */
async function unsigned(context: ProtocolContext, claims: JWTPayload): Promise<string> {
  const { metadata } = context;
  const pushed = pushes(context);
  if (!pushed && metadata['require_signed_request_object'] !== true) {
    const { UnsecuredJWT } = await import('../../../platform/jose.js');
    return new UnsecuredJWT(claims).encode();
  }
  throw new OAuthError(
    'invalid_options',
    `The provider accepts only ${pushed ? 'pushed' : 'signed'} authorization requests, but ` +
      '"requestObjectSigningAlg" of this client is none. Set it to an algorithm of ' +
      '"privateKey", or remove the option.',
  );
}

/** Returns the time claims of a request object and a unique `jti`. `iat` and `nbf` are equal. */
export function requestTimes(): JWTPayload {
  const now = nowSeconds();
  return { iat: now, nbf: now, exp: now + lifetime, jti: randomToken(16) };
}

/**
 * Validates the URL of a published request object (RFC 9101 §5.2): fetchable by the provider, and
 * short enough for every browser.
 */
function checkRequestUri({ http }: ProtocolContext, uri: unknown): string {
  const what = 'URL from "publishRequestObject"';
  if (typeof uri === 'string' && uri.length <= 512) return http.check(uri, what).href;
  throw new OAuthError(
    'invalid_options',
    `The ${what} must be a string of at most 512 characters.`,
  );
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
    'The provider accepts only signed authorization requests (RFC 9101). Set "privateKey" ' +
      'for the client.',
  );
}

/** Converts parameters to claims. Those in `json` are parsed. */
export function requestClaims(params: URLSearchParams, json: readonly string[]): JWTPayload {
  const names = [...new Set(params.keys())];
  return Object.fromEntries(
    names.map((name) => {
      const [value = '', ...more] = params.getAll(name);
      if (more.length > 0) return [name, [value, ...more]];
      return [name, json.includes(name) ? readJson(value) : value];
    }),
  );
}

/** The application may have written this text itself. */
function readJson(value: string): unknown {
  const parsed = tryJson(value);
  return isObject(parsed) || Array.isArray(parsed) || typeof parsed === 'number' ? parsed : value;
}
