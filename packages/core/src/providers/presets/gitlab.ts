import { gitlab as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * GitLab (OpenID Connect). With scope `openid` an id_token comes too. Refresh tokens are good
 * once.
 */
export const gitlab: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'gitlab',
  displayName: 'GitLab',
  brandColor: '#fc6d26',
  mark,
  urlVariables: { host: { default: 'gitlab.com', ask: 'Your GitLab server' } },
  issuer: 'https://{host}',
  authorizeUrl: 'https://{host}/oauth/authorize',
  accessTokenUrl: 'https://{host}/oauth/token',
  userinfoEndpoint: 'https://{host}/api/v4/user',
  apiBaseUrl: 'https://{host}/api/v4/',
  revocationEndpoint: 'https://{host}/oauth/revoke',
  scope: 'read_user',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id | $.sub',
    name: '$.name',
    nickname: '$.username | $.nickname',
    preferred_username: '$.username | $.preferred_username | $.nickname',
    email: '$.email',
    email_verified: 'present:$.confirmed_at | $.email_verified',
    picture: '$.avatar_url | $.picture',
    profile: '$.web_url | $.profile',
    website: '$.website_url | $.website',
  },
});
