import { reddit as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Reddit (OAuth 2). For a refresh token give `authorizeParams: { duration: 'permanent' }`. There
 * is no email.
 */
export const reddit: OAuth2Preset = oauth2Preset({
  provider: 'reddit',
  displayName: 'Reddit',
  brandColor: '#ff4500',
  mark,
  authorizeUrl: 'https://www.reddit.com/api/v1/authorize',
  accessTokenUrl: 'https://www.reddit.com/api/v1/access_token',
  userinfoEndpoint: 'https://oauth.reddit.com/api/v1/me',
  apiBaseUrl: 'https://oauth.reddit.com/api/v1/',
  revocationEndpoint: 'https://www.reddit.com/api/v1/revoke_token',
  scope: 'identity',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.id',
    name: '$.subreddit.title | $.name',
    nickname: '$.name',
    preferred_username: '$.name',
    picture: 'withoutQuery:$.icon_img',
    profile: 'template:https://www.reddit.com/user/{name}/',
  },
});
