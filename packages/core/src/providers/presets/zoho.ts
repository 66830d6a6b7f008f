import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

const ends = ['com', 'eu', 'in', 'com.au', 'jp', 'sa', 'uk', 'com.cn'];

/**
 * Zoho (OAuth 2). The callback names the data center of the account. The API is the `api_domain` of the token
 * response. Without `prompt: 'consent'` only the first login returns a refresh token.
 */
export const zoho: OAuth2Preset = oauth2Preset({
  provider: 'zoho',
  displayName: 'Zoho',
  brandColor: '#e42527',
  authorizeUrl: 'https://accounts.zoho.com/oauth/v2/auth',
  accessTokenUrl: 'https://accounts.zoho.com/oauth/v2/token',
  userinfoEndpoint: 'https://accounts.zoho.com/oauth/user/info',
  apiBaseUrl: '{token.api_domain}/',
  apiOrigins: [
    ...ends.flatMap((end) => [`https://www.zohoapis.${end}`, `https://api.zoho.${end}`]),
    'https://www.zohoapis.ca',
  ],
  revocationEndpoint: 'https://accounts.zoho.com/oauth/v2/token/revoke',
  scope: 'AaaServer.profile.READ',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: { access_type: 'offline', prompt: 'consent' },
  callbackServer: {
    param: 'accounts-server',
    origins: [
      ...ends.map((end) => `https://accounts.zoho.${end}`),
      'https://accounts.zohocloud.ca',
    ],
  },
  profile: {
    sub: '$.ZUID',
    name: 'concat:$.First_Name $.Last_Name | $.Display_Name',
    nickname: '$.Display_Name',
    given_name: '$.First_Name',
    family_name: '$.Last_Name',
    email: '$.Email',
  },
});
