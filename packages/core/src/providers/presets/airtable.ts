import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Airtable (OAuth 2). Refresh tokens rotate. The profile is an ID and an email. */
export const airtable: OAuth2Preset = oauth2Preset({
  provider: 'airtable',
  displayName: 'Airtable',
  brandColor: '#18bfff',
  authorizeUrl: 'https://airtable.com/oauth2/v1/authorize',
  accessTokenUrl: 'https://airtable.com/oauth2/v1/token',
  userinfoEndpoint: 'https://api.airtable.com/v0/meta/whoami',
  apiBaseUrl: 'https://api.airtable.com/v0/',
  scope: 'user.email:read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.email',
    email: '$.email',
  },
});
