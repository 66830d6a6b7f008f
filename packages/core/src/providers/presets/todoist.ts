import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Todoist (OAuth 2). Tokens do not expire. */
export const todoist: OAuth2Preset = oauth2Preset({
  provider: 'todoist',
  displayName: 'Todoist',
  brandColor: '#e44332',
  authorizeUrl: 'https://app.todoist.com/oauth/authorize',
  accessTokenUrl: 'https://api.todoist.com/oauth/access_token',
  userinfoEndpoint: 'https://api.todoist.com/api/v1/user',
  apiBaseUrl: 'https://api.todoist.com/api/v1/',
  scope: 'data:read',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.full_name',
    email: '$.email',
    picture: '$.avatar_big | $.avatar_medium',
    locale: '$.lang',
    zoneinfo: '$.tz_info.timezone',
  },
});
