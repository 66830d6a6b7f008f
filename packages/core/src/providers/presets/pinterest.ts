import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Pinterest (OAuth 2). There is no email. Refresh tokens rotate. */
export const pinterest: OAuth2Preset = oauth2Preset({
  provider: 'pinterest',
  displayName: 'Pinterest',
  brandColor: '#e60023',
  authorizeUrl: 'https://www.pinterest.com/oauth/',
  accessTokenUrl: 'https://api.pinterest.com/v5/oauth/token',
  userinfoEndpoint: 'https://api.pinterest.com/v5/user_account',
  apiBaseUrl: 'https://api.pinterest.com/v5/',
  scope: 'user_accounts:read',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenResponse: {
    scopeSeparator: ' ',
  },
  accessTokenParams: {
    continuous_refresh: 'true',
  },
  profile: {
    sub: '$.id | $.username',
    name: '$.business_name | $.username',
    nickname: '$.username',
    preferred_username: '$.username',
    picture: '$.profile_image',
    profile: 'template:https://www.pinterest.com/{username}/',
    website: '$.website_url',
  },
});
