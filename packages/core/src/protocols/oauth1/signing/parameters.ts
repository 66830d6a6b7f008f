import { nowSeconds } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import type { SignatureMethod } from '../../../options/register-options.js';
import { freshNonce } from './nonce.js';
import type { SigningCredentials, SignOptions } from './types.js';
import { percentEncode, type Pair } from './base-string.js';

/** The default signature method. */
export const defaultMethod: SignatureMethod = 'HMAC-SHA1';

/** Returns the protocol parameters of RFC 5849 §3.1 without the signature, percent-encoded. */
export function protocolParams(credentials: SigningCredentials, options: SignOptions): Pair[] {
  if (typeof credentials.clientId !== 'string' || credentials.clientId === '') {
    throw new OAuthError('invalid_options', '"clientId" must be a non-empty string.');
  }
  const { nonce, timestamp } = options;
  const params: Pair[] = [
    ['oauth_nonce', nonce === undefined ? freshNonce() : percentEncode(nonce)],
    ['oauth_timestamp', timestamp === undefined ? String(nowSeconds()) : percentEncode(timestamp)],
  ];
  const add = (name: string, value: string | undefined): void => {
    if (value !== undefined) params.push([name, percentEncode(value)]);
  };
  if (options.oauthVersion !== false) params.push(['oauth_version', '1.0']);
  add('oauth_signature_method', options.signatureMethod ?? defaultMethod);
  add('oauth_consumer_key', credentials.clientId);
  add('oauth_token', credentials.token);
  add('oauth_callback', options.callback);
  add('oauth_verifier', options.verifier);
  for (const [name, value] of Object.entries(options.protocolParams ?? {})) {
    checkName(name, params);
    add(name, value);
  }
  return params;
}

/**
 * Validates the name of an extra protocol parameter: `oauth_…` (RFC 5849 §3.5.1) and not repeated.
 */
function checkName(name: string, params: readonly Pair[]): void {
  const isTaken = name === 'oauth_signature' || params.some(([other]) => other === name);
  if (/^oauth_[\w.~-]+$/.test(name) && !isTaken) return;
  throw new OAuthError(
    'invalid_options',
    'Names in "protocolParams" must begin with "oauth_" and must not be set by signing ' +
      'itself.',
  );
}

/** Rejects a request that already has one of the protocol parameters (RFC 5849 §3.1). */
export function refuseRepeats(params: readonly Pair[], protocol: readonly Pair[]): void {
  const repeated = params.find(
    ([name]) =>
      name.startsWith('oauth_') &&
      (name === 'oauth_signature' || protocol.some(([ours]) => ours === name)),
  );
  if (repeated === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `The query or body already has "${repeated[0]}", which signing adds. Remove it.`,
  );
}
