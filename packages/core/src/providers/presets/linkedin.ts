import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** LinkedIn (OpenID Connect). It refuses PKCE, and its id_tokens do not echo the nonce. */
export const linkedin: OAuth2Preset = oauth2Preset({
  provider: 'linkedin',
  displayName: 'LinkedIn',
  brandColor: '#0a66c2',
  issuer: 'https://www.linkedin.com/oauth',
  serverMetadataUrl: 'https://www.linkedin.com/oauth/.well-known/openid-configuration',
  authorizeUrl: 'https://www.linkedin.com/oauth/v2/authorization',
  accessTokenUrl: 'https://www.linkedin.com/oauth/v2/accessToken',
  userinfoEndpoint: 'https://api.linkedin.com/v2/userinfo',
  apiBaseUrl: 'https://api.linkedin.com/v2/',
  revocationEndpoint: 'https://www.linkedin.com/oauth/v2/revoke',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { scopeSeparator: ',' },
  pkce: 'off',
  nonce: 'optional',
  errors: [
    {
      endpoint: 'callback',
      when: 'error',
      is: ['user_cancelled_login', 'user_cancelled_authorize'],
      code: 'access_denied',
    },
  ],
  profile: {
    ...standardClaims,
    locale: 'template:{locale.language}-{locale.country} | $.locale',
  },
});
