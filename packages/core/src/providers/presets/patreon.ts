import { patreon as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Patreon (OAuth 2). A JSON:API; the fields have to be named. */
export const patreon: OAuth2Preset = oauth2Preset({
  provider: 'patreon',
  displayName: 'Patreon',
  brandColor: '#000000',
  mark,
  authorizeUrl: 'https://www.patreon.com/oauth2/authorize',
  accessTokenUrl: 'https://www.patreon.com/api/oauth2/token',
  userinfoEndpoint: 'https://www.patreon.com/api/oauth2/v2/identity',
  apiBaseUrl: 'https://www.patreon.com/api/oauth2/v2/',
  scope: 'identity identity[email]',
  tokenEndpointAuthMethod: 'client_secret_post',
  userinfo: {
    params: {
      'fields[user]': 'email,is_email_verified,full_name,first_name,last_name,image_url,vanity,url',
    },
  },
  profile: {
    sub: '$.data.id',
    name: '$.data.attributes.full_name',
    given_name: '$.data.attributes.first_name',
    family_name: '$.data.attributes.last_name',
    nickname: '$.data.attributes.vanity',
    preferred_username: '$.data.attributes.vanity',
    email: '$.data.attributes.email',
    email_verified: '$.data.attributes.is_email_verified',
    picture: '$.data.attributes.image_url',
    profile: '$.data.attributes.url',
  },
});
