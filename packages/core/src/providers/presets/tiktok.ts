import { tiktok as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * TikTok (OAuth 2). Every response has an `error`, which may be `ok`. Desktop applications need `pkce:
 * 'S256-hex'`.
 */
export const tiktok: OAuth2Preset = oauth2Preset({
  provider: 'tiktok',
  displayName: 'TikTok',
  brandColor: '#000000',
  mark,
  authorizeUrl: 'https://www.tiktok.com/v2/auth/authorize/',
  accessTokenUrl: 'https://open.tiktokapis.com/v2/oauth/token/',
  userinfoEndpoint: 'https://open.tiktokapis.com/v2/user/info/',
  apiBaseUrl: 'https://open.tiktokapis.com/v2/',
  revocationEndpoint: 'https://open.tiktokapis.com/v2/oauth/revoke/',
  scope: 'user.info.basic',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { scopeSeparator: ',' },
  paramNames: { client_id: 'client_key' },
  errors: [{ when: 'error.code', not: 'ok', message: 'error.message' }],
  userinfo: { params: { fields: 'open_id,union_id,avatar_url,avatar_large_url,display_name' } },
  revocation: { only: 'access_token' },
  profile: {
    sub: '$.data.user.open_id',
    name: '$.data.user.display_name',
    nickname: '$.data.user.username',
    preferred_username: '$.data.user.username',
    picture: '$.data.user.avatar_large_url | $.data.user.avatar_url',
    profile: '$.data.user.profile_deep_link',
  },
});
