import { plurkAvatar, readDates } from '../hooks/plurk.js';
import { plurk as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/** Plurk (OAuth 1.0a). Responses may be JavaScript instead of JSON. */
export const plurk: OAuth1Preset = oauth1Preset({
  provider: 'plurk',
  displayName: 'Plurk',
  brandColor: '#ff574d',
  mark,
  requestTokenUrl: 'https://www.plurk.com/OAuth/request_token',
  authorizeUrl: 'https://www.plurk.com/OAuth/authorize',
  accessTokenUrl: 'https://www.plurk.com/OAuth/access_token',
  userinfoEndpoint: 'https://www.plurk.com/APP/Users/me',
  apiBaseUrl: 'https://www.plurk.com/APP/',
  transformResponse: readDates,
  profile: {
    sub: '$.id | $.user_info.id',
    name: '$.full_name | $.user_info.full_name',
    nickname: '$.display_name | $.user_info.display_name',
    preferred_username: '$.nick_name | $.user_info.nick_name',
    email: '$.email',
    picture: plurkAvatar,
    profile:
      'template:https://www.plurk.com/{nick_name} | template:https://www.plurk.com/{user_info.nick_name}',
    locale: '$.default_lang',
    zoneinfo: '$.timezone',
  },
});
