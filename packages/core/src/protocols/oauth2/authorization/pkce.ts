import type { Awaitable } from '../../../model/types.js';
import { chain } from '../../../platform/awaitable.js';
import { sha256 } from '../../../platform/crypto.js';
import { toBase64Url, toHex } from '../../../platform/encoding.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ServerMetadata } from '../discovery/metadata.js';

/** The PKCE parameters of an authorization request (RFC 7636 §4.3). */
export interface CodeChallenge {
  code_challenge: string;
  code_challenge_method: 'S256' | 'plain';
}

/** Creates the code challenge of a code verifier. */
export function codeChallenge(
  codeVerifier: string,
  { pkce }: Pick<RegisterOptions, 'pkce'>,
): Awaitable<CodeChallenge> {
  if (pkce === 'plain') return { code_challenge: codeVerifier, code_challenge_method: pkce };
  return chain(sha256(codeVerifier), (hash) => ({
    code_challenge: pkce === 'S256-hex' ? toHex(hash) : toBase64Url(hash),
    code_challenge_method: 'S256',
  }));
}

/**
 * Whether PKCE is used beyond the authorization code grant, for which no specification defines it:
 * if an option enables it, or the metadata lists S256.
 */
export function asksForPkce(
  { pkce, codeChallengeMethod }: Pick<RegisterOptions, 'pkce' | 'codeChallengeMethod'>,
  metadata: ServerMetadata,
): boolean {
  if (pkce === 'off') return false;
  const listed = metadata['code_challenge_methods_supported'];
  const supported = Array.isArray(listed) && listed.includes('S256');
  return pkce !== undefined || codeChallengeMethod !== undefined || supported;
}
