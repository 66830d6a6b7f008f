import { twitter_v2 as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** X (OAuth 2). A refresh token needs `offline.access`; an email `users.email`, and a permission. */
export const twitter_v2: OAuth2Preset = oauth2Preset({
  provider: 'twitter_v2',
  displayName: 'X',
  brandColor: '#000000',
  mark,
  authorizeUrl: 'https://x.com/i/oauth2/authorize',
  accessTokenUrl: 'https://api.x.com/2/oauth2/token',
  userinfoEndpoint: 'https://api.x.com/2/users/me',
  apiBaseUrl: 'https://api.x.com/2/',
  revocationEndpoint: 'https://api.x.com/2/oauth2/revoke',
  scope: 'users.read tweet.read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  accessTokenParams: { client_id: '{client_id}' },
  refreshTokenParams: { client_id: '{client_id}' },
  userinfo: {
    params: { 'user.fields': 'id,name,username,profile_image_url,url,verified,created_at' },
    extra: {
      more: { url: 'users/me', params: { 'user.fields': 'confirmed_email' }, scope: 'users.email' },
    },
  },
  profile: {
    sub: '$.data.id',
    name: '$.data.name',
    nickname: '$.data.username',
    preferred_username: '$.data.username',
    email: '$.data.confirmed_email | more.data.confirmed_email',
    email_verified: 'present:$.data.confirmed_email | present:more.data.confirmed_email',
    picture: '$.data.profile_image_url',
    profile: 'template:https://x.com/{data.username}',
    website: '$.data.url',
  },
});
