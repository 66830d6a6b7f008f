import { isSymmetric } from '../platform/jwt/algorithms.js';
import { allowedAlgorithms } from '../protocols/oauth2/jwt/policy.js';
import { usableKeys } from '../platform/jwt/jwk.js';
import { asksForOpenId } from '../platform/scope.js';
import { failure, speaksOAuth2, type Finding, type ClientUnderTest } from './finding.js';

/** Checks that id_tokens can be verified: the provider has a key for an accepted algorithm. */
export async function checkKeys({
  client,
  options,
  metadata,
}: ClientUnderTest): Promise<Finding[]> {
  const check = 'keys';
  const { idToken, idTokenSignedResponseAlg: configured, scope } = options;
  if (!speaksOAuth2(client) || !asksForOpenId(scope) || idToken === 'ignore') return [];
  const advertised = metadata['id_token_signing_alg_values_supported'];
  const algorithms = allowedAlgorithms(configured, advertised);
  if (algorithms.some((alg) => isSymmetric(alg))) {
    return options.clientSecret === undefined
      ? [{ level: 'error', check, text: `"${configured}" requires a "clientSecret". Set it` }]
      : [{ level: 'ok', check, text: `id_tokens are verified with the client’s secret` }];
  }
  try {
    const { keys } = await client.fetchJwkSet(true);
    const fitting: string[] = [];
    for (const alg of algorithms) {
      if ((await usableKeys(keys, { alg })).length > 0) fitting.push(alg);
    }
    if (fitting.length > 0) {
      return [{ level: 'ok', check, text: `there is a key for ${fitting.join(', ')}` }];
    }
    const wanted = algorithms.join(', ') || 'any supported algorithm';
    const text =
      `none of the provider's ${keys.length} keys fits ${wanted}. Check "jwksUri", "jwks" ` +
      'and "idTokenSignedResponseAlg"; RSA keys must have 2048 bits or more';
    return [{ level: 'error', check, text }];
  } catch (error) {
    return [failure(check, error)];
  }
}
