import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Gitee (OAuth 2). The email is a request of its own. */
export const gitee: OAuth2Preset = oauth2Preset({
  provider: 'gitee',
  displayName: 'Gitee',
  brandColor: '#c71d23',
  authorizeUrl: 'https://gitee.com/oauth/authorize',
  accessTokenUrl: 'https://gitee.com/oauth/token',
  userinfoEndpoint: 'https://gitee.com/api/v5/user',
  apiBaseUrl: 'https://gitee.com/api/v5/',
  scope: 'user_info emails',
  tokenEndpointAuthMethod: 'client_secret_post',
  userinfo: {
    extra: {
      emails: {
        url: 'emails',
        scope: 'emails',
      },
    },
  },
  profile: {
    sub: '$.id',
    name: '$.name | $.login',
    nickname: '$.login',
    preferred_username: '$.login',
    email: '$.email | emails[0].email',
    email_verified: 'present:emails[0].email',
    picture: '$.avatar_url',
    profile: '$.html_url',
    website: '$.blog',
  },
});
