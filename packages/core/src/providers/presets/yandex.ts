import type { ProfileSources } from '../../options/register-options.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Yandex (OAuth 2). It does not say whether an email is verified. */
export const yandex: OAuth2Preset = oauth2Preset({
  provider: 'yandex',
  displayName: 'Yandex',
  brandColor: '#fc3f1d',
  authorizeUrl: 'https://oauth.yandex.com/authorize',
  accessTokenUrl: 'https://oauth.yandex.com/token',
  userinfoEndpoint: 'https://login.yandex.ru/info',
  apiBaseUrl: 'https://login.yandex.ru/',
  revocationEndpoint: 'https://oauth.yandex.com/revoke_token',
  scope: 'login:info login:email login:avatar',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenPlacement: { scheme: 'OAuth' },
  userinfo: { params: { format: 'json' } },
  revocation: { token: 'access_token', only: 'access_token' },
  profile: {
    sub: '$.id',
    name: '$.real_name | $.display_name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    nickname: '$.display_name',
    preferred_username: '$.login',
    email: '$.default_email | $.emails[0]',
    picture: yandexAvatar,
    gender: '$.sex',
    birthdate: '$.birthday',
    phone_number: '$.default_phone.number',
  },
});

function yandexAvatar({ $ }: ProfileSources): string | undefined {
  const { is_avatar_empty: empty, default_avatar_id: id } = $;
  if (empty === true || typeof id !== 'string' || id === '') return undefined;
  return `https://avatars.yandex.net/get-yapic/${id}/islands-200`;
}
