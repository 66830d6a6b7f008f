import { disqus as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Disqus (OAuth 2). Every call carries the key of the application beside the token. */
export const disqus: OAuth2Preset = oauth2Preset({
  provider: 'disqus',
  displayName: 'Disqus',
  brandColor: '#2e9fff',
  mark,
  authorizeUrl: 'https://disqus.com/api/oauth/2.0/authorize/',
  accessTokenUrl: 'https://disqus.com/api/oauth/2.0/access_token/',
  userinfoEndpoint: 'https://disqus.com/api/3.0/users/details.json',
  apiBaseUrl: 'https://disqus.com/api/3.0/',
  scope: 'read email',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { scopeSeparator: ',' },
  tokenPlacement: 'uri',
  apiParams: { api_key: '{client_id}' },
  errors: [
    { endpoint: 'userinfo', when: 'code', not: 0, message: 'response' },
    { endpoint: 'token', when: 'code', not: 0, message: 'response' },
  ],
  profile: {
    sub: '$.response.id',
    name: '$.response.name',
    nickname: '$.response.username',
    preferred_username: '$.response.username',
    email: '$.response.email',
    picture: '$.response.avatar.permalink',
    profile: '$.response.profileUrl',
  },
});
