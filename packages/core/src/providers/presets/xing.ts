import { xing as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/** XING (OAuth 1.0a). For approved applications. Whether new ones are approved is not known. */
export const xing: OAuth1Preset = oauth1Preset({
  provider: 'xing',
  displayName: 'XING',
  brandColor: '#006567',
  mark,
  requestTokenUrl: 'https://api.xing.com/v1/request_token',
  authorizeUrl: 'https://api.xing.com/v1/authorize',
  accessTokenUrl: 'https://api.xing.com/v1/access_token',
  userinfoEndpoint: 'https://api.xing.com/v1/users/me.json',
  apiBaseUrl: 'https://api.xing.com/v1/',
  profile: {
    sub: '$.users[0].id',
    name: '$.users[0].display_name',
    given_name: '$.users[0].first_name',
    family_name: '$.users[0].last_name',
    preferred_username: '$.users[0].page_name',
    email: '$.users[0].active_email',
    picture: '$.users[0].photo_urls.large',
    profile: '$.users[0].permalink',
    zoneinfo: '$.users[0].time_zone.name',
  },
});
