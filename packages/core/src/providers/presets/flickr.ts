import { buddyIcon } from '../hooks/flickr.js';
import { flickr as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/** Flickr (OAuth 1.0a). If the user denies access, Flickr shows its home page and sends no callback. */
export const flickr: OAuth1Preset = oauth1Preset({
  provider: 'flickr',
  displayName: 'Flickr',
  brandColor: '#0063dc',
  mark,
  requestTokenUrl: 'https://www.flickr.com/services/oauth/request_token',
  authorizeUrl: 'https://www.flickr.com/services/oauth/authorize',
  accessTokenUrl: 'https://www.flickr.com/services/oauth/access_token',
  userinfoEndpoint: 'https://api.flickr.com/services/rest',
  apiBaseUrl: 'https://api.flickr.com/services/rest',
  requestTokenMethod: 'GET',
  accessTokenMethod: 'GET',
  authorizeParams: { perms: 'read' },
  errors: [{ endpoint: 'userinfo', when: 'stat', not: 'ok', error: 'code', message: 'message' }],
  userinfo: {
    params: {
      method: 'flickr.people.getInfo',
      user_id: '{token.user_nsid}',
      format: 'json',
      nojsoncallback: '1',
    },
  },
  profile: {
    sub: '$.person.nsid | token.user_nsid',
    name: '$.person.realname._content | token.fullname',
    nickname: '$.person.path_alias',
    preferred_username: '$.person.username._content | token.username',
    picture: buddyIcon,
    profile: '$.person.profileurl._content',
  },
});
