import { deviantart as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** DeviantArt (OAuth 2). Refresh tokens rotate. There is no email. */
export const deviantart: OAuth2Preset = oauth2Preset({
  provider: 'deviantart',
  displayName: 'DeviantArt',
  brandColor: '#05cc47',
  mark,
  authorizeUrl: 'https://www.deviantart.com/oauth2/authorize',
  accessTokenUrl: 'https://www.deviantart.com/oauth2/token',
  userinfoEndpoint: 'https://www.deviantart.com/api/v1/oauth2/user/whoami',
  apiBaseUrl: 'https://www.deviantart.com/api/v1/oauth2/',
  revocationEndpoint: 'https://www.deviantart.com/oauth2/revoke',
  scope: 'basic',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.userid',
    nickname: '$.username',
    preferred_username: '$.username',
    picture: '$.usericon',
    profile: 'template:https://www.deviantart.com/{username}',
  },
});
