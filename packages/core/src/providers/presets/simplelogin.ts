import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** SimpleLogin by Proton (OpenID Connect). Emails are aliases. */
export const simplelogin: OAuth2Preset = oauth2Preset({
  provider: 'simplelogin',
  displayName: 'SimpleLogin',
  brandColor: '#e2005d',
  authorizeUrl: 'https://app.simplelogin.io/oauth2/authorize',
  accessTokenUrl: 'https://app.simplelogin.io/oauth2/token',
  userinfoEndpoint: 'https://app.simplelogin.io/oauth2/userinfo',
  profile: {
    ...standardClaims,
    picture: '$.avatar_url | $.picture',
  },
  issuer: 'https://app.simplelogin.io',
  serverMetadataUrl: 'https://app.simplelogin.io/.well-known/openid-configuration',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
});
