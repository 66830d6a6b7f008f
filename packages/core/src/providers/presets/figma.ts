import { figma as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Figma (OAuth 2). Codes expire after 30 seconds; tokens are refreshed at a separate endpoint.
 */
export const figma: OAuth2Preset = oauth2Preset({
  provider: 'figma',
  displayName: 'Figma',
  brandColor: '#f24e1e',
  mark,
  authorizeUrl: 'https://www.figma.com/oauth',
  accessTokenUrl: 'https://api.figma.com/v1/oauth/token',
  refreshTokenUrl: 'https://api.figma.com/v1/oauth/refresh',
  userinfoEndpoint: 'https://api.figma.com/v1/me',
  apiBaseUrl: 'https://api.figma.com/v1/',
  scope: 'current_user:read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.handle',
    nickname: '$.handle',
    preferred_username: '$.handle',
    email: '$.email',
    picture: '$.img_url',
  },
});
