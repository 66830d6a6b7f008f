import { trello as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/**
 * Trello (OAuth 1.0a). What is asked for, for how long and under which `name` stands in
 * `authorizeParams`.
 */
export const trello: OAuth1Preset = oauth1Preset({
  provider: 'trello',
  displayName: 'Trello',
  brandColor: '#0052cc',
  mark,
  requestTokenUrl: 'https://trello.com/1/OAuthGetRequestToken',
  authorizeUrl: 'https://trello.com/1/OAuthAuthorizeToken',
  accessTokenUrl: 'https://trello.com/1/OAuthGetAccessToken',
  userinfoEndpoint: 'https://api.trello.com/1/members/me',
  apiBaseUrl: 'https://api.trello.com/1/',
  authorizeParams: { scope: 'read,account', expiration: '30days' },
  profile: {
    sub: '$.id',
    name: '$.fullName',
    nickname: '$.username',
    preferred_username: '$.username',
    email: '$.email',
    picture: 'template:{avatarUrl}/170.png',
    profile: '$.url',
  },
});
