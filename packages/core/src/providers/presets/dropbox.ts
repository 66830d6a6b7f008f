import { dropbox as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Dropbox (OAuth 2). For a refresh token give `authorizeParams: { token_access_type: 'offline' }`.
 */
export const dropbox: OAuth2Preset = oauth2Preset({
  provider: 'dropbox',
  displayName: 'Dropbox',
  brandColor: '#0061ff',
  mark,
  issuer: 'https://www.dropbox.com',
  authorizeUrl: 'https://www.dropbox.com/oauth2/authorize',
  accessTokenUrl: 'https://api.dropboxapi.com/oauth2/token',
  userinfoEndpoint: 'https://api.dropboxapi.com/2/users/get_current_account',
  apiBaseUrl: 'https://api.dropboxapi.com/2/',
  apiOrigins: ['https://content.dropboxapi.com', 'https://notify.dropboxapi.com'],
  revocationEndpoint: 'https://api.dropboxapi.com/2/auth/token/revoke',
  scope: 'account_info.read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: { method: 'POST' },
  nonce: 'optional',
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: '$.account_id',
    name: '$.name.display_name',
    given_name: '$.name.given_name',
    family_name: '$.name.surname',
    nickname: '$.name.familiar_name',
    email: '$.email',
    email_verified: '$.email_verified',
    picture: '$.profile_photo_url',
    locale: '$.locale',
  },
});
