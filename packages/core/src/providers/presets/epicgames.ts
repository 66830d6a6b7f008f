import { standardClaims } from '../definition/claims.js';
import { epicgames as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Epic Games (OpenID Connect). It reads Basic credentials as they are. Normal applications get no
 * email.
 */
export const epicgames: OAuth2Preset = oauth2Preset({
  provider: 'epicgames',
  displayName: 'Epic Games',
  brandColor: '#313131',
  mark,
  issuer: 'https://api.epicgames.dev/epic/oauth/v1',
  authorizeUrl: 'https://www.epicgames.com/id/authorize',
  accessTokenUrl: 'https://api.epicgames.dev/epic/oauth/v2/token',
  userinfoEndpoint: 'https://api.epicgames.dev/epic/oauth/v2/userInfo',
  apiBaseUrl: 'https://api.epicgames.dev/',
  revocationEndpoint: 'https://api.epicgames.dev/epic/oauth/v2/revoke',
  scope: 'basic_profile',
  tokenEndpointAuthMethod: 'client_secret_basic',
  basicEncoding: 'raw',
  profile: {
    ...standardClaims,
    sub: '$.sub | token.account_id',
    name: '$.name | $.preferred_username',
  },
});
