import { SignJWT, UnsecuredJWT, type JWTPayload } from 'jose';
import { nowSeconds, randomToken } from '../../../platform/crypto.js';
import { isObject, tryJson } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { asksForOpenId } from '../../../options/scope.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { pushes } from './pushed-request.js';
import { keySigner, secretSigner, type Signer } from '../client-auth/signing-key.js';

/** Seconds a request object is good for: as long as a user takes to arrive at the provider. */
const lifetime = 300;

/** Parameters whose value is JSON; in a request object they are no text (OpenID Connect Core §6.1). */
const structured = ['claims', 'authorization_details', 'max_age'];

/**
 * Puts an authorization request into a request object, if the client or the provider wants one; else
 * returns it as it is.
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
  const request = await requestObject(context, params);
  const visible = new URLSearchParams(besideObject(context, params));
  if (!publish) visible.set('request', request);
  else visible.set('request_uri', checkAddress(context, await publish(request)));
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
  if (options.requestObjectSigningAlg === 'none') return unsigned(context, claims);
  const { key, header } = await chooseSigner(context);
  return await new SignJWT(claims)
    .setProtectedHeader({ ...header, typ: 'oauth-authz-req+jwt' })
    .sign(key);
}

/**
 * What stands beside a request object. RFC 9101 §5 asks for `client_id` alone; OpenID Connect Core §6.1
 * and §6.2 also want `response_type` and a `scope` with `openid` there, with the values inside. A pushed
 * request never reaches the browser, and its parameters are all in the object (RFC 9126 §3).
 */
function besideObject(context: ProtocolContext, params: URLSearchParams): string[][] {
  const { scopeSeparator = ' ' } = context.options;
  const scope = params.get('scope')?.split(scopeSeparator);
  const openid = !pushes(context) && asksForOpenId(scope);
  const names = ['client_id', ...(openid ? ['response_type', 'scope'] : [])];
  return names.map((name) => [name, params.get(name) ?? '']);
}

/** OpenID Connect Core §6.2 takes an unsigned request object by reference only, over https. */
function unsigned(context: ProtocolContext, claims: JWTPayload): string {
  const { metadata } = context;
  const pushed = pushes(context);
  if (!pushed && metadata['require_signed_request_object'] !== true) {
    return new UnsecuredJWT(claims).encode();
  }
  throw new OAuthError(
    'invalid_options',
    `The provider ${pushed ? 'takes pushed' : 'takes signed'} authorization requests only, but ` +
      `"requestObjectSigningAlg" of this client is none. Give the algorithm of a ` +
      '"privateKey", or remove the option.',
  );
}

/** When a request object is valid, and an identifier of its own; `iat` and `nbf` are the same moment. */
export function requestTimes(): JWTPayload {
  const now = nowSeconds();
  return { iat: now, nbf: now, exp: now + lifetime, jti: randomToken(16) };
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

/** Writes parameters as claims; those in `json` are no text. */
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

/** The texts come from an application, which may have written them itself. */
function readJson(value: string): unknown {
  const parsed = tryJson(value);
  return isObject(parsed) || Array.isArray(parsed) || typeof parsed === 'number' ? parsed : value;
}
