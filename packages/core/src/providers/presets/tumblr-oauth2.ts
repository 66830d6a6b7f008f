import { tumblr_oauth2 as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Tumblr (OAuth 2). A refresh token comes with `offline_access`. There is no email. */
export const tumblr_oauth2: OAuth2Preset = oauth2Preset({
  provider: 'tumblr_oauth2',
  displayName: 'Tumblr',
  brandColor: '#36465d',
  mark,
  authorizeUrl: 'https://www.tumblr.com/oauth2/authorize',
  accessTokenUrl: 'https://api.tumblr.com/v2/oauth2/token',
  userinfoEndpoint: 'https://api.tumblr.com/v2/user/info',
  apiBaseUrl: 'https://api.tumblr.com/v2/',
  scope: 'basic',
  tokenEndpointAuthMethod: 'client_secret_post',
  idToken: 'ignore',
  profile: {
    sub: '$.response.user.name',
    name: '$.response.user.blogs[?primary].title',
    nickname: '$.response.user.name',
    preferred_username: '$.response.user.name',
    picture: '$.response.user.blogs[?primary].avatar[0].url',
    profile: '$.response.user.blogs[?primary].url',
  },
});
