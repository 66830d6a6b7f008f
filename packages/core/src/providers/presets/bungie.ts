import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Bungie.net (OAuth 2). Every call carries the API key. There is no email. */
export const bungie: OAuth2Preset = oauth2Preset({
  provider: 'bungie',
  displayName: 'Bungie.net',
  brandColor: '#0075bb',
  authorizeUrl: 'https://www.bungie.net/en/oauth/authorize',
  accessTokenUrl: 'https://www.bungie.net/platform/app/oauth/token/',
  userinfoEndpoint: 'https://www.bungie.net/Platform/User/GetMembershipsForCurrentUser/',
  apiBaseUrl: 'https://www.bungie.net/Platform/',
  tokenEndpointAuthMethod: 'client_secret_basic',
  headers: {
    api: {
      'x-api-key': '{api_key}',
    },
    token: {
      'x-api-key': '{api_key}',
    },
  },
  profile: {
    sub: 'token.membership_id | $.Response.bungieNetUser.membershipId',
    name: '$.Response.bungieNetUser.displayName',
    preferred_username: '$.Response.bungieNetUser.uniqueName',
    picture: 'template:https://www.bungie.net{Response.bungieNetUser.profilePicturePath}',
  },
});
