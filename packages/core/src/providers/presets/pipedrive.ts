import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Pipedrive (OAuth 2). The base URL of the API is that of the company. */
export const pipedrive: OAuth2Preset = oauth2Preset({
  provider: 'pipedrive',
  displayName: 'Pipedrive',
  brandColor: '#017737',
  authorizeUrl: 'https://oauth.pipedrive.com/oauth/authorize',
  accessTokenUrl: 'https://oauth.pipedrive.com/oauth/token',
  userinfoEndpoint: 'https://api.pipedrive.com/v1/users/me',
  revocationEndpoint: 'https://oauth.pipedrive.com/oauth/revoke',
  apiBaseUrl: '{token.api_domain}/api/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenResponse: {
    scopeSeparator: ',',
  },
  userinfo: {},
  profile: {
    sub: '$.data.id',
    name: '$.data.name',
    email: '$.data.email',
    email_verified: 'bool:$.data.activated',
    picture: '$.data.icon_url',
    locale: '$.data.locale',
    zoneinfo: '$.data.timezone_name',
    phone_number: '$.data.phone',
  },
});
