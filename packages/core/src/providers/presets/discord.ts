import { discordAvatar } from '../hooks/discord.js';
import { discord as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Discord (OAuth 2). Its callbacks carry `iss`. */
export const discord: OAuth2Preset = oauth2Preset({
  provider: 'discord',
  displayName: 'Discord',
  brandColor: '#5865f2',
  mark,
  issuer: 'https://discord.com',
  authorizeUrl: 'https://discord.com/oauth2/authorize',
  accessTokenUrl: 'https://discord.com/api/oauth2/token',
  userinfoEndpoint: 'https://discord.com/api/v10/users/@me',
  apiBaseUrl: 'https://discord.com/api/v10/',
  revocationEndpoint: 'https://discord.com/api/oauth2/token/revoke',
  scope: 'identify email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.global_name | $.username',
    nickname: '$.username',
    preferred_username: '$.username',
    email: '$.email',
    email_verified: '$.verified',
    picture: discordAvatar,
    profile: 'template:https://discord.com/users/{id}',
    locale: '$.locale',
  },
});
