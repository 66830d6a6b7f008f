import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** FACEIT (OpenID Connect). id_tokens have no nonce. */
export const faceit: OAuth2Preset = oauth2Preset({
  provider: 'faceit',
  displayName: 'FACEIT',
  brandColor: '#ff5500',
  authorizeUrl: 'https://accounts.faceit.com/accounts',
  accessTokenUrl: 'https://api.faceit.com/auth/v1/oauth/token',
  userinfoEndpoint: 'https://api.faceit.com/auth/v1/resources/userinfo',
  authorizeParams: {
    redirect_popup: 'true',
  },
  nonce: 'optional',
  scope: 'openid email profile',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.guid | $.sub',
    name: '$.nickname',
    nickname: '$.nickname',
    preferred_username: '$.nickname',
    given_name: '$.given_name',
    family_name: '$.family_name',
    email: '$.email',
    email_verified: '$.email_verified',
    picture: '$.picture',
    locale: '$.locale',
  },
  issuer: 'https://api.faceit.com/auth',
  serverMetadataUrl: 'https://api.faceit.com/auth/.well-known/openid-configuration',
});
