import { authMethodOf } from '../protocols/oauth2/client-auth/methods.js';
import { speaksOAuth2, type ClientUnderTest, type Finding } from './finding.js';

/** Compares what the client is registered with to what the provider's metadata lists. */
export function checkMetadata({ client, options, metadata }: ClientUnderTest): Finding[] {
  if (!speaksOAuth2(client)) return [];
  const lists: [check: string, metadataName: string, option: string, values: readonly string[]][] =
    [
      [
        'scopes',
        'scopes_supported',
        'scope',
        [options.scope ?? []].flat().flatMap((one) => one.split(' ')),
      ],
      [
        'authentication method',
        'token_endpoint_auth_methods_supported',
        'tokenEndpointAuthMethod',
        [authMethodOf(options, metadata)],
      ],
      [
        'id_token algorithm',
        'id_token_signing_alg_values_supported',
        'idTokenSignedResponseAlg',
        [options.idTokenSignedResponseAlg ?? []].flat(),
      ],
      [
        'response type',
        'response_types_supported',
        'responseType',
        [options.responseType ?? 'code'],
      ],
      ['PKCE', 'code_challenge_methods_supported', 'pkce', options.pkce === 'off' ? [] : ['S256']],
    ];
  return lists.flatMap(([check, metadataName, option, values]) => {
    const listed = metadata[metadataName];
    if (!Array.isArray(listed)) return [];
    const missing = values.filter((value) => value !== '' && !listed.includes(value));
    if (missing.length === 0) return [];
    const text = `"${missing.join(' ')}" is not in "${metadataName}" of the provider. Check "${option}"`;
    return [{ level: 'warning' as const, check, text }];
  });
}
