import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Gitea, Forgejo and Codeberg (OAuth 2). `sub` is the ID of the user at that server. */
export const gitea: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'gitea',
  displayName: 'Gitea',
  brandColor: '#609926',
  urlVariables: {
    host: {
      default: 'gitea.com',
      ask: 'Your server',
    },
  },
  authorizeUrl: 'https://{host}/login/oauth/authorize',
  accessTokenUrl: 'https://{host}/login/oauth/access_token',
  userinfoEndpoint: 'https://{host}/api/v1/user',
  apiBaseUrl: 'https://{host}/api/v1/',
  scope: 'read:user',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id',
    name: '$.full_name | $.login',
    nickname: '$.login',
    preferred_username: '$.login',
    email: '$.email',
    picture: '$.avatar_url',
    profile: '$.html_url',
    website: '$.website',
  },
});
