import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** WakaTime (OAuth 2). */
export const wakatime: OAuth2Preset = oauth2Preset({
  provider: 'wakatime',
  displayName: 'WakaTime',
  brandColor: '#000000',
  authorizeUrl: 'https://wakatime.com/oauth/authorize',
  accessTokenUrl: 'https://wakatime.com/oauth/token',
  userinfoEndpoint: 'https://api.wakatime.com/api/v1/users/current',
  revocationEndpoint: 'https://wakatime.com/oauth/revoke',
  apiBaseUrl: 'https://api.wakatime.com/api/v1/',
  scope: 'email',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: {
    scopeSeparator: ',',
  },
  profile: {
    sub: '$.data.id',
    name: '$.data.display_name | $.data.username',
    preferred_username: '$.data.username',
    email: '$.data.email',
    email_verified: 'bool:$.data.is_email_confirmed',
    picture: '$.data.photo',
    profile: '$.data.profile_url',
    website: '$.data.website',
    zoneinfo: '$.data.timezone',
  },
});
