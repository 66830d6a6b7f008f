import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** osu! (OAuth 2). There is no email. */
export const osu: OAuth2Preset = oauth2Preset({
  provider: 'osu',
  displayName: 'osu!',
  brandColor: '#ff66aa',
  authorizeUrl: 'https://osu.ppy.sh/oauth/authorize',
  accessTokenUrl: 'https://osu.ppy.sh/oauth/token',
  userinfoEndpoint: 'https://osu.ppy.sh/api/v2/me',
  revocationEndpoint: 'https://osu.ppy.sh/api/v2/oauth/tokens/current',
  apiBaseUrl: 'https://osu.ppy.sh/api/v2/',
  scope: 'identify',
  tokenEndpointAuthMethod: 'client_secret_post',
  revocation: {
    method: 'DELETE',
    auth: 'bearer',
    token: '',
    only: 'access_token',
  },
  profile: {
    sub: '$.id',
    name: '$.username',
    preferred_username: '$.username',
    picture: '$.avatar_url',
    profile: 'template:https://osu.ppy.sh/users/{id}',
  },
});
