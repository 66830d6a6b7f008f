import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Lichess (OAuth 2). A public client that need not be registered. */
export const lichess: OAuth2Preset = oauth2Preset({
  provider: 'lichess',
  displayName: 'Lichess',
  brandColor: '#000000',
  authorizeUrl: 'https://lichess.org/oauth',
  accessTokenUrl: 'https://lichess.org/api/token',
  userinfoEndpoint: 'https://lichess.org/api/account',
  revocationEndpoint: 'https://lichess.org/api/token',
  apiBaseUrl: 'https://lichess.org/api/',
  scope: 'email:read',
  tokenEndpointAuthMethod: 'none',
  revocation: {
    method: 'DELETE',
    auth: 'bearer',
    token: '',
    only: 'access_token',
  },
  userinfo: {
    extra: {
      mail: {
        url: 'account/email',
        scope: 'email:read',
      },
    },
  },
  profile: {
    sub: '$.id',
    name: '$.username',
    preferred_username: '$.username',
    email: 'mail.email',
    profile: '$.url',
  },
});
