import { bitbucket as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Bitbucket Cloud (OAuth 2). Scopes are fixed at the consumer. Refresh tokens rotate. */
export const bitbucket: OAuth2Preset = oauth2Preset({
  provider: 'bitbucket',
  displayName: 'Bitbucket',
  brandColor: '#0052cc',
  mark,
  authorizeUrl: 'https://bitbucket.org/site/oauth2/authorize',
  accessTokenUrl: 'https://bitbucket.org/site/oauth2/access_token',
  userinfoEndpoint: 'https://api.bitbucket.org/2.0/user',
  apiBaseUrl: 'https://api.bitbucket.org/2.0/',
  scope: 'account email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenResponse: { rename: { scopes: 'scope' } },
  userinfo: { extra: { emails: { url: 'user/emails', scope: 'email' } } },
  profile: {
    sub: '$.uuid',
    name: '$.display_name',
    nickname: '$.nickname',
    preferred_username: '$.username | $.nickname',
    email: 'emails.values[?is_primary].email',
    email_verified: 'emails.values[?is_primary].is_confirmed',
    picture: '$.links.avatar.href',
    profile: '$.links.html.href',
  },
});
