import type { PrivateKey } from '../option-types.js';
import { apple as mark } from './marks.js';
import { oauth2Preset, type OAuth2Preset, type PresetOptions } from './preset.js';

/** Apple (OpenID Connect). Give `teamId`, `keyId` and `key`. The name comes once, with the first login. */
export function apple(
  options: PresetOptions & { teamId?: string; keyId?: string; key?: PrivateKey } = {},
): ReturnType<OAuth2Preset> {
  const { teamId: issuer, keyId: kid, key, ...rest } = options;
  if (key === undefined || issuer === undefined) return base(rest);
  const audience = 'https://appleid.apple.com';
  return base({ clientSecretJwt: { key, kid, issuer, audience }, ...rest });
}

const base: OAuth2Preset = oauth2Preset({
  provider: 'apple',
  displayName: 'Apple',
  brandColor: '#000000',
  mark,
  issuer: 'https://appleid.apple.com',
  serverMetadataUrl: 'https://appleid.apple.com/.well-known/openid-configuration',
  authorizeUrl: 'https://appleid.apple.com/auth/authorize',
  accessTokenUrl: 'https://appleid.apple.com/auth/token',
  scope: 'openid name email',
  scopeEncoding: '%20',
  tokenEndpointAuthMethod: 'client_secret_post',
  responseMode: 'form_post',
  nonce: 'optional',
  callbackParams: ['user'],
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
