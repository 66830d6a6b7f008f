import { identify } from '../hooks/wikimedia.js';
import { wikimedia_oauth1 as mark } from '../definition/marks.js';
import { oauth1Preset, type OAuth1Preset } from '../definition/preset.js';

/** Wikimedia (OAuth 1.0a). Any wiki with the OAuth extension: `host`. The profile is a signed JWT. */
export const wikimedia_oauth1: OAuth1Preset<'host'> = oauth1Preset({
  provider: 'wikimedia',
  displayName: 'Wikimedia',
  brandColor: '#000000',
  mark,
  urlVariables: { host: { default: 'meta.wikimedia.org' } },
  requestTokenUrl: 'https://{host}/w/index.php?title=Special:OAuth/initiate',
  authorizeUrl: 'https://{host}/w/index.php?title=Special:OAuth/authenticate',
  accessTokenUrl: 'https://{host}/w/index.php?title=Special:OAuth/token',
  userinfoEndpoint: 'https://{host}/w/index.php?title=Special:OAuth/identify',
  apiBaseUrl: 'https://{host}/w/api.php',
  errors: [{ endpoint: 'userinfo', when: 'error', message: 'message' }],
  userinfo: { method: 'POST' },
  transformResponse: identify,
  profile: {
    sub: '$.sub',
    name: '$.realname | $.username',
    nickname: '$.username',
    preferred_username: '$.username',
    email: 'if:$.confirmed_email $.email',
    email_verified: '$.confirmed_email',
    profile: 'template:https://{host}/wiki/User:{username}',
  },
});
