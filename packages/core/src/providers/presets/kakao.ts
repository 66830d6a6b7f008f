import { kakao as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Kakao (OAuth 2). The secret is optional: without one set `tokenEndpointAuthMethod` to `none`. */
export const kakao: OAuth2Preset = oauth2Preset({
  provider: 'kakao',
  displayName: 'Kakao',
  brandColor: '#ffcd00',
  mark,
  issuer: 'https://kauth.kakao.com',
  authorizeUrl: 'https://kauth.kakao.com/oauth/authorize',
  accessTokenUrl: 'https://kauth.kakao.com/oauth/token',
  userinfoEndpoint: 'https://kapi.kakao.com/v2/user/me',
  apiBaseUrl: 'https://kapi.kakao.com/',
  revocationEndpoint: 'https://kapi.kakao.com/v1/user/unlink',
  scope: 'account_email profile_nickname profile_image',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: { auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: '$.id',
    name: '$.kakao_account.name | $.kakao_account.profile.nickname | $.properties.nickname',
    nickname: '$.kakao_account.profile.nickname | $.properties.nickname',
    email: '$.kakao_account.email',
    email_verified: 'and:$.kakao_account.is_email_valid $.kakao_account.is_email_verified',
    picture: '$.kakao_account.profile.profile_image_url | $.properties.profile_image',
    gender: '$.kakao_account.gender',
    phone_number: '$.kakao_account.phone_number',
  },
});
