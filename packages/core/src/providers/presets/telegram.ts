import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Telegram (OpenID Connect). The claims are in the id_token; there is no email. */
export const telegram: OAuth2Preset = oauth2Preset({
  provider: 'telegram',
  displayName: 'Telegram',
  brandColor: '#26a5e4',
  issuer: 'https://oauth.telegram.org',
  serverMetadataUrl: 'https://oauth.telegram.org/.well-known/openid-configuration',
  authorizeUrl: 'https://oauth.telegram.org/auth',
  accessTokenUrl: 'https://oauth.telegram.org/token',
  scope: 'openid profile',
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: {
    from: 'id_token',
  },
  profile: {
    sub: '$.sub',
    name: '$.name',
    preferred_username: '$.preferred_username',
    picture: '$.picture',
    profile: 'template:https://t.me/{preferred_username}',
    phone_number: '$.phone_number',
  },
});
