import { OAuthError } from '../../model/errors.js';
import type { AuthorizeParams, GrantParams } from '../../model/types.js';
import { refuseBackChannel } from '../../options/front-channel.js';
import type { OAuth1Config } from './context.js';
import { digestOf, needsRsaKey } from './signing/methods.js';
import { checkRealm } from './signing/placement.js';
import { readRsaKey } from './signing/rsa-key.js';

type Options = OAuth1Config['options'];

/**
 * Validates what the checks of single options leave open. Returns the options with the RSA key
 * parsed, so that it is imported once.
 *
 * @throws OAuthError `invalid_options`
 */
export function readOptions<T extends Options>(options: T): T {
  refuseReserved(options.authorizeParams ?? {});
  for (const params of [options.requestTokenParams, options.accessTokenParams]) {
    refuseProtocolParams(params ?? {});
  }
  return readSigningOptions(options);
}

function readSigningOptions<T extends Options>(options: T): T {
  const { signatureMethod = 'HMAC-SHA1', signatureMethods, rsaKey, realm } = options;
  if (realm !== undefined) checkRealm(realm);
  if (!needsRsaKey(signatureMethod, signatureMethods)) return options;
  return { ...options, rsaKey: readRsaKey(rsaKey, digestOf(signatureMethod)) };
}

const notOnAuthorizeUrl = ['oauth_token', 'oauth_callback'];

/** Rejects authorization parameters that would put a secret or the callback into the URL. */
export function refuseReserved(params: AuthorizeParams): void {
  refuseBackChannel(params);
  const name = Object.keys(params).find((given) => notOnAuthorizeUrl.includes(given));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `"${name}" must not be an authorization parameter. The callback is sent in the signed ` +
      'request token request, and the token is added automatically.',
  );
}

/** Protocol parameters that signing sets (RFC 5849 §3.1). */
const set: ReadonlySet<string> = new Set(
  ['consumer_key', 'token', 'token_secret', 'signature_method', 'signature', 'timestamp', 'nonce']
    .concat('version', 'callback', 'verifier', 'body_hash')
    .map((name) => `oauth_${name}`),
);

/** Rejects extra parameters that signing sets itself. */
export function refuseProtocolParams(params: GrantParams): void {
  const name = Object.keys(params).find((given) => set.has(given));
  if (name === undefined) return;
  throw new OAuthError(
    'invalid_options',
    `"${name}" must not be an extra parameter of a token request: signing sets it. Remove it.`,
  );
}
