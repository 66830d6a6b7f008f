import { tumblr as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/**
 * Tumblr (OAuth 1.0a). The only identifier is the user name, which can change. There is no email.
 */
export const tumblr: OAuth1Preset = oauth1Preset({
  provider: 'tumblr',
  displayName: 'Tumblr',
  brandColor: '#36465d',
  mark,
  requestTokenUrl: 'https://www.tumblr.com/oauth/request_token',
  authorizeUrl: 'https://www.tumblr.com/oauth/authorize',
  accessTokenUrl: 'https://www.tumblr.com/oauth/access_token',
  userinfoEndpoint: 'https://api.tumblr.com/v2/user/info',
  apiBaseUrl: 'https://api.tumblr.com/v2/',
  // If the user denies access, the callback has no verifier and no error.
  errors: [{ endpoint: 'callback', when: 'oauth_verifier', missing: true, code: 'access_denied' }],
  profile: {
    sub: '$.response.user.name',
    name: '$.response.user.blogs[?primary].title',
    nickname: '$.response.user.name',
    preferred_username: '$.response.user.name',
    picture: '$.response.user.blogs[?primary].avatar[0].url',
    profile: '$.response.user.blogs[?primary].url',
  },
});
