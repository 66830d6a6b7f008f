import { initiateDeviceAuthorization } from 'openid-client';
import { randomToken } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import { asksForOpenId, scopeText } from '../../../platform/scope.js';
import type { GrantParams, OAuth2Token } from '../../../model/types.js';
import { callEndpoint } from '../endpoint/openid-client.js';
import { paramPairs } from '../authorization/param-pairs.js';
import { asksForPkce, codeChallenge } from '../authorization/pkce.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { readTokenResponse } from '../endpoint/response.js';
import { requestByGrant } from './grant.js';
import { pendingFrom, readPending, type PendingAuthorization } from './polling.js';

/**
 * A pending device authorization, with its wire names (RFC 8628 §3.2). Show its codes, and store it
 * until the next poll.
 */
export interface DeviceAuthorization extends PendingAuthorization {
  /** A secret; never show it. */
  device_code: string;
  /** The code the user enters. */
  user_code: string;
  /** The URL at which the user enters it. */
  verification_uri: string;
  /** The same URL with the code, for a QR code. */
  verification_uri_complete?: string;
  /** The PKCE code verifier, if the provider supports PKCE for devices (RFC 7636 §4.5). */
  code_verifier?: string;
}

const what = 'device authorization endpoint';
const grantType = 'urn:ietf:params:oauth:grant-type:device_code';

/**
 * Starts a login on a device without a browser. Uses PKCE if an option enables it, or the metadata
 * lists S256; a `code_challenge` of the call is not replaced.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8628#section-3.1
 */
export async function startDeviceAuthorization(
  context: ProtocolContext,
  { scope: asked = context.options.scope, ...params }: GrantParams,
): Promise<DeviceAuthorization> {
  const { options, metadata } = context;
  const scope = scopeText(asked as string);
  const own = params['code_challenge'] !== undefined;
  const verifier = !own && asksForPkce(options, metadata) ? randomToken() : undefined;
  const challenge = verifier === undefined ? {} : await codeChallenge(verifier, options);
  const device = await callEndpoint(context, {
    what,
    url: requireEndpoint(context, 'device_authorization_endpoint', 'deviceAuthorizationEndpoint'),
    params: new URLSearchParams(paramPairs({ ...params, ...challenge, scope })),
    run: initiateDeviceAuthorization,
    read: async (response) => readDevice(await readTokenResponse(response, what)),
  });
  const { expires_in: _lifetime, ...codes } = device;
  return {
    ...codes,
    ...pendingFrom(device),
    ...(verifier === undefined ? {} : { code_verifier: verifier }),
    ...(asksForOpenId(scope) ? { openid: true } : {}),
  };
}

function readDevice(body: Record<string, unknown>): object {
  const complete = body['verification_uri_complete'];
  return {
    device_code: text(body, 'device_code'),
    user_code: text(body, 'user_code'),
    // An early draft, which some providers still use, has another name.
    verification_uri: requireWebUrl(body['verification_uri'] ?? body['verification_url']),
    ...(complete === undefined ? {} : { verification_uri_complete: requireWebUrl(complete) }),
    ...readPending(body, what),
  };
}

/** Requests the token of a device authorization (RFC 8628 §3.4). */
export async function redeemDeviceCode(
  context: ProtocolContext,
  { device_code, code_verifier }: DeviceAuthorization,
): Promise<OAuth2Token> {
  return await requestByGrant(context, { grantType, params: { device_code, code_verifier } });
}

const checkEndpoint = 'Check "deviceAuthorizationEndpoint".';

function text(body: Record<string, unknown>, field: string): string {
  const value = body[field];
  if (typeof value === 'string' && value !== '') return value;
  throw new OAuthError(
    'invalid_response',
    `The ${what} returned no "${field}" (RFC 8628 §3.2). ${checkEndpoint}`,
  );
}

/** Validates the verification URI, which users open: it must be http or https. */
function requireWebUrl(value: unknown): string {
  if (typeof value === 'string' && URL.canParse(value) && /^https?:$/.test(new URL(value).protocol))
    return value;
  throw new OAuthError(
    'invalid_response',
    `The ${what} returned no http or https URL as "verification_uri" (RFC 8628 §3.2). ${checkEndpoint}`,
  );
}
