import { registerApp } from '../hooks/mastodon.js';
import { pixelfed as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Pixelfed (OAuth 2). Has the API of Mastodon. The user chooses an `instance` at login, unless you set
 * one; a client is registered there automatically.
 */
export const pixelfed: OAuth2Preset<'instance'> = oauth2Preset({
  provider: 'pixelfed',
  displayName: 'Pixelfed',
  brandColor: '#6366f1',
  mark,
  urlVariables: { instance: { ask: 'Your Pixelfed server', example: 'pixelfed.social' } },
  serverLocator: { registerClient: registerApp },
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
