import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Kick (OAuth 2). */
export const kick: OAuth2Preset = oauth2Preset({
  provider: 'kick',
  displayName: 'Kick',
  brandColor: '#53fc18',
  authorizeUrl: 'https://id.kick.com/oauth/authorize',
  accessTokenUrl: 'https://id.kick.com/oauth/token',
  userinfoEndpoint: 'https://api.kick.com/public/v1/users',
  revocationEndpoint: 'https://id.kick.com/oauth/revoke',
  apiBaseUrl: 'https://api.kick.com/public/v1/',
  scope: 'user:read',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    body: 'query',
  },
  profile: {
    sub: '$.data[0].user_id',
    name: '$.data[0].name',
    preferred_username: '$.data[0].name',
    email: '$.data[0].email',
    picture: '$.data[0].profile_picture',
    profile: 'template:https://kick.com/{data[0].name}',
  },
});
