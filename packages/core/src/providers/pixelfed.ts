import { pixelfed as mark } from './marks.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/** Pixelfed (OAuth 2). Speaks the API of Mastodon. A client is registered at each instance. */
export const pixelfed: OAuth2Preset<'instance'> = oauth2Preset({
  provider: 'pixelfed',
  displayName: 'Pixelfed',
  brandColor: '#6366f1',
  mark,
  urlVariables: { instance: {} },
  authorizeUrl: 'https://{instance}/oauth/authorize',
  accessTokenUrl: 'https://{instance}/oauth/token',
  userinfoEndpoint: 'https://{instance}/api/v1/accounts/verify_credentials',
  apiBaseUrl: 'https://{instance}/api/v1/',
  scope: 'read',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: 'template:https://{instance}/users/{acct}',
    name: '$.display_name',
    nickname: '$.acct',
    preferred_username: '$.username',
    picture: '$.avatar',
    profile: '$.url',
  },
});
