import { line as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * LINE (OpenID Connect). Web logins sign the id_token with the channel secret. The email is in it
 * alone, and needs a permission.
 */
export const line: OAuth2Preset = oauth2Preset({
  provider: 'line',
  displayName: 'LINE',
  brandColor: '#00c300',
  mark,
  issuer: 'https://access.line.me',
  serverMetadataUrl: 'https://access.line.me/.well-known/openid-configuration',
  authorizeUrl: 'https://access.line.me/oauth2/v2.1/authorize',
  accessTokenUrl: 'https://api.line.me/oauth2/v2.1/token',
  userinfoEndpoint: 'https://api.line.me/oauth2/v2.1/userinfo',
  apiBaseUrl: 'https://api.line.me/',
  revocationEndpoint: 'https://api.line.me/oauth2/v2.1/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  idTokenSignedResponseAlg: 'HS256',
  revocation: { token: 'access_token', only: 'access_token' },
  profile: {
    sub: '$.sub | $.userId | id_token.sub',
    name: '$.name | $.displayName | id_token.name',
    email: 'id_token.email',
    picture: '$.picture | $.pictureUrl | id_token.picture',
  },
});
