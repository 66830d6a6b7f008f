import { wikimedia as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Wikimedia (OAuth 2). Any wiki with the OAuth extension: `host`. An email counts only once
 * confirmed.
 */
export const wikimedia: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'wikimedia',
  displayName: 'Wikimedia',
  brandColor: '#000000',
  mark,
  urlVariables: { host: { default: 'meta.wikimedia.org' } },
  authorizeUrl: 'https://{host}/w/rest.php/oauth2/authorize',
  accessTokenUrl: 'https://{host}/w/rest.php/oauth2/access_token',
  userinfoEndpoint: 'https://{host}/w/rest.php/oauth2/resource/profile',
  apiBaseUrl: 'https://{host}/w/api.php',
  tokenEndpointAuthMethod: 'client_secret_post',
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
