import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * plentymarkets / PlentyONE (OAuth 2). Password grant only: users type their password into the
 * application; there is no authorization endpoint.
 */
export const plentymarkets: OAuth2Preset<'shop'> = oauth2Preset({
  provider: 'plentymarkets',
  displayName: 'PlentyONE',
  brandColor: '#0e2f4b',
  urlVariables: { shop: {} },
  accessTokenUrl: 'https://{shop}/rest/login',
  refreshTokenUrl: 'https://{shop}/rest/login/refresh',
  userinfoEndpoint: 'https://{shop}/rest/user',
  apiBaseUrl: 'https://{shop}/rest/',
  revocationEndpoint: 'https://{shop}/rest/logout',
  tokenEndpointAuthMethod: 'none',
  tokenResponse: {
    rename: {
      accessToken: 'access_token',
      tokenType: 'token_type',
      expiresIn: 'expires_in',
      refreshToken: 'refresh_token',
    },
  },
  allowLegacyGrants: ['password'],
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: '$.id',
    name: '$.realName',
    email: '$.email',
  },
});
