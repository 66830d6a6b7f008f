import { openstreetmap as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** OpenStreetMap (OpenID Connect). Tokens do not expire. There is no email. */
export const openstreetmap: OAuth2Preset = oauth2Preset({
  provider: 'openstreetmap',
  displayName: 'OpenStreetMap',
  brandColor: '#7ebc6f',
  mark,
  issuer: 'https://www.openstreetmap.org',
  serverMetadataUrl: 'https://www.openstreetmap.org/.well-known/openid-configuration',
  authorizeUrl: 'https://www.openstreetmap.org/oauth2/authorize',
  accessTokenUrl: 'https://www.openstreetmap.org/oauth2/token',
  userinfoEndpoint: 'https://api.openstreetmap.org/api/0.6/user/details.json',
  apiBaseUrl: 'https://api.openstreetmap.org/api/0.6/',
  revocationEndpoint: 'https://www.openstreetmap.org/oauth2/revoke',
  scope: 'openid read_prefs',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.user.id | id_token.sub',
    name: '$.user.display_name | id_token.preferred_username',
    nickname: '$.user.display_name',
    preferred_username: '$.user.display_name | id_token.preferred_username',
    picture: '$.user.img.href',
    profile:
      'template:https://www.openstreetmap.org/user/{user.display_name} | template:https://www.openstreetmap.org/user/{id_token.preferred_username}',
  },
});
