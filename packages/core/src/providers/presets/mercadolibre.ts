import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Mercado Libre (OAuth 2). Refresh tokens are used once. */
export const mercadolibre: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'mercadolibre',
  displayName: 'Mercado Libre',
  brandColor: '#ffe600',
  urlVariables: {
    host: {
      default: 'auth.mercadolibre.com',
    },
  },
  authorizeUrl: 'https://{host}/authorization',
  accessTokenUrl: 'https://api.mercadolibre.com/oauth/token',
  userinfoEndpoint: 'https://api.mercadolibre.com/users/me',
  apiBaseUrl: 'https://api.mercadolibre.com/',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id | token.user_id',
    name: 'concat:$.first_name $.last_name | $.nickname',
    given_name: '$.first_name',
    family_name: '$.last_name',
    nickname: '$.nickname',
    preferred_username: '$.nickname',
    email: '$.email',
    profile: '$.permalink',
  },
});
