import { twitter as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/**
 * X (OAuth 1.0a). Version 1.1 of the API, for those who still have it; new applications use
 * `twitter_v2`.
 */
export const twitter: OAuth1Preset = oauth1Preset({
  provider: 'twitter',
  displayName: 'X',
  brandColor: '#000000',
  mark,
  requestTokenUrl: 'https://api.x.com/oauth/request_token',
  authorizeUrl: 'https://api.x.com/oauth/authenticate',
  accessTokenUrl: 'https://api.x.com/oauth/access_token',
  userinfoEndpoint: 'https://api.x.com/1.1/account/verify_credentials.json',
  apiBaseUrl: 'https://api.x.com/1.1/',
  errors: [{ endpoint: 'resource', when: 'errors[0].code', is: 89, code: 'invalid_token' }],
  userinfo: { params: { include_email: 'true', skip_status: 'true', include_entities: 'false' } },
  profile: {
    sub: '$.id_str | $.id',
    name: '$.name',
    nickname: '$.screen_name',
    preferred_username: '$.screen_name',
    email: '$.email',
    picture: '$.profile_image_url_https',
    profile: 'template:https://x.com/{screen_name}',
  },
});
