import type { PrivateKey } from '../../options/register-options.js';
import { apple as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset, type PresetOptions } from '../definition/preset.js';

/** Apple (OpenID Connect). Give `teamId`, `keyId` and `key`. The name comes once, with the first login. */
export function apple(
  options: PresetOptions & { teamId?: string; keyId?: string; key?: PrivateKey } = {},
): ReturnType<OAuth2Preset> {
  const { teamId: issuer, keyId: kid, key, ...rest } = options;
  if (key === undefined || issuer === undefined) return base(rest);
  return base({ clientSecretJwt: { key, kid, issuer, audience: at }, ...rest });
}
const at = 'https://appleid.apple.com';
const base: OAuth2Preset = oauth2Preset({
  provider: 'apple',
  displayName: 'Apple',
  brandColor: '#000000',
  mark,
  issuer: at,
  serverMetadataUrl: `${at}/.well-known/openid-configuration`,
  authorizeUrl: `${at}/auth/authorize`,
  accessTokenUrl: `${at}/auth/token`,
  revocationEndpoint: `${at}/auth/revoke`,
  scope: 'openid name email',
  scopeEncoding: '%20',
  tokenEndpointAuthMethod: 'client_secret_post',
  responseMode: 'form_post',
  nonce: 'optional',
  callbackParams: ['user'],
  errors: [{ when: 'error', is: 'user_cancelled_authorize', code: 'access_denied' }],
  userinfo: { from: 'id_token' },
  profile: {
    sub: 'id_token.sub',
    name: 'concat:callback.user.name.firstName callback.user.name.lastName',
    given_name: 'callback.user.name.firstName',
    family_name: 'callback.user.name.lastName',
    email: 'id_token.email',
    email_verified: 'id_token.email_verified',
  },
});
