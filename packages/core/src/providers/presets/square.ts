import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Square (OAuth 2). The profile is that of the merchant. */
export const square: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'square',
  displayName: 'Square',
  brandColor: '#006aff',
  urlVariables: {
    host: {
      default: 'connect.squareup.com',
    },
  },
  authorizeUrl: 'https://{host}/oauth2/authorize',
  accessTokenUrl: 'https://{host}/oauth2/token',
  userinfoEndpoint: 'https://{host}/v2/merchants/me',
  apiBaseUrl: 'https://{host}/v2/',
  scope: 'MERCHANT_PROFILE_READ',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenRequest: {
    body: 'json',
  },
  authorizeParams: {
    session: 'false',
  },
  headers: {
    api: {
      'square-version': '2026-01-22',
    },
    token: {
      'square-version': '2026-01-22',
    },
  },
  tokenResponse: {
    tokenType: 'Bearer',
  },
  profile: {
    sub: '$.merchant.id | token.merchant_id',
    name: '$.merchant.business_name',
    locale: '$.merchant.language_code',
  },
});
