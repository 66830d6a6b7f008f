import { twitchErrors as errors } from '../hooks/token-errors.js';
import { twitch as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Twitch (OpenID Connect). Every call of the API carries the client id. */
export const twitch: OAuth2Preset = oauth2Preset({
  provider: 'twitch',
  displayName: 'Twitch',
  brandColor: '#9146ff',
  mark,
  issuer: 'https://id.twitch.tv/oauth2',
  serverMetadataUrl: 'https://id.twitch.tv/oauth2/.well-known/openid-configuration',
  authorizeUrl: 'https://id.twitch.tv/oauth2/authorize',
  accessTokenUrl: 'https://id.twitch.tv/oauth2/token',
  userinfoEndpoint: 'https://api.twitch.tv/helix/users',
  apiBaseUrl: 'https://api.twitch.tv/helix/',
  revocationEndpoint: 'https://id.twitch.tv/oauth2/revoke',
  scope: 'openid user:read:email',
  tokenEndpointAuthMethod: 'client_secret_post',
  headers: { api: { 'client-id': '{client_id}' } },
  authorizeParams: {
    claims: JSON.stringify({
      id_token: { email: null, email_verified: null, picture: null, preferred_username: null },
    }),
  },
  errors,
  revocation: { auth: 'none', only: 'access_token', params: { client_id: '{client_id}' } },
  profile: {
    sub: '$.data[0].id | id_token.sub',
    name: '$.data[0].display_name | id_token.preferred_username',
    nickname: '$.data[0].login',
    preferred_username: '$.data[0].login',
    email: '$.data[0].email | id_token.email',
    email_verified: 'id_token.email_verified',
    picture: '$.data[0].profile_image_url | id_token.picture',
    profile: 'template:https://www.twitch.tv/{data[0].login}',
  },
});
