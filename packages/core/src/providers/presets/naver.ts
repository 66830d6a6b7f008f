import { naver as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Naver (OAuth 2). What may be read is configured at the application. */
export const naver: OAuth2Preset = oauth2Preset({
  provider: 'naver',
  displayName: 'Naver',
  brandColor: '#03c75a',
  mark,
  authorizeUrl: 'https://nid.naver.com/oauth2.0/authorize',
  accessTokenUrl: 'https://nid.naver.com/oauth2.0/token',
  userinfoEndpoint: 'https://openapi.naver.com/v1/nid/me',
  apiBaseUrl: 'https://openapi.naver.com/v1/',
  revocationEndpoint: 'https://nid.naver.com/oauth2.0/token',
  tokenEndpointAuthMethod: 'client_secret_post',
  accessTokenParams: { state: '{state}' },
  errors: [{ endpoint: 'userinfo', when: 'resultcode', not: '00', message: 'message' }],
  revocation: {
    token: 'access_token',
    only: 'access_token',
    params: { grant_type: 'delete', service_provider: 'NAVER' },
  },
  profile: {
    sub: '$.response.id',
    name: '$.response.name',
    nickname: '$.response.nickname',
    preferred_username: '$.response.nickname',
    email: '$.response.email',
    picture: '$.response.profile_image',
    gender: '$.response.gender',
    birthdate:
      'template:{response.birthyear}-{response.birthday} | template:0000-{response.birthday}',
    phone_number: '$.response.mobile_e164',
  },
});
