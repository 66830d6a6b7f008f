import { discogs as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/** Discogs (OAuth 1.0a). The profile takes a second request. */
export const discogs: OAuth1Preset = oauth1Preset({
  provider: 'discogs',
  displayName: 'Discogs',
  brandColor: '#333333',
  mark,
  requestTokenUrl: 'https://api.discogs.com/oauth/request_token',
  authorizeUrl: 'https://discogs.com/oauth/authorize',
  accessTokenUrl: 'https://api.discogs.com/oauth/access_token',
  userinfoEndpoint: 'https://api.discogs.com/oauth/identity',
  apiBaseUrl: 'https://api.discogs.com/',
  requestTokenMethod: 'GET',
  userinfo: { extra: { user: { url: 'users/{username}' } } },
  profile: {
    sub: '$.id',
    name: 'user.name',
    nickname: '$.username',
    preferred_username: '$.username',
    email: 'user.email',
    picture: 'user.avatar_url',
    profile: 'user.uri | template:https://www.discogs.com/user/{username}',
    website: 'user.home_page',
  },
});
