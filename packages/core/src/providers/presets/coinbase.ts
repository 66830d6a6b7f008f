import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Coinbase (OAuth 2). Refresh tokens are used once. */
export const coinbase: OAuth2Preset = oauth2Preset({
  provider: 'coinbase',
  displayName: 'Coinbase',
  brandColor: '#0052ff',
  authorizeUrl: 'https://login.coinbase.com/oauth2/auth',
  accessTokenUrl: 'https://login.coinbase.com/oauth2/token',
  userinfoEndpoint: 'https://api.coinbase.com/v2/user',
  revocationEndpoint: 'https://login.coinbase.com/oauth2/revoke',
  apiBaseUrl: 'https://api.coinbase.com/v2/',
  scope: 'wallet:user:read wallet:user:email offline_access',
  tokenEndpointAuthMethod: 'client_secret_post',
  headers: {
    api: {
      'cb-version': '2026-01-01',
    },
  },
  profile: {
    sub: '$.data.id',
    name: '$.data.name',
    preferred_username: '$.data.username',
    email: '$.data.email',
    picture: '$.data.avatar_url',
    zoneinfo: '$.data.time_zone',
  },
});
