import { serverLocator } from '../hooks/mastodon.js';
import { mastodon as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Mastodon (OAuth 2). The user chooses an `instance` at login, unless you set one; a client is registered
 * there automatically. `sub` is the URI of the account, because IDs are per instance.
 */
export const mastodon: OAuth2Preset<'instance'> = oauth2Preset({
  provider: 'mastodon',
  displayName: 'Mastodon',
  brandColor: '#6364ff',
  mark,
  urlVariables: { instance: { ask: 'Your Mastodon server', example: 'mastodon.social' } },
  serverLocator,
  issuer: 'https://{instance}/',
  authorizeUrl: 'https://{instance}/oauth/authorize',
  accessTokenUrl: 'https://{instance}/oauth/token',
  userinfoEndpoint: 'https://{instance}/api/v1/accounts/verify_credentials',
  apiBaseUrl: 'https://{instance}/api/v1/',
  revocationEndpoint: 'https://{instance}/oauth/revoke',
  scope: 'read:accounts',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.uri | $.url',
    name: '$.display_name',
    nickname: '$.acct',
    preferred_username: '$.username',
    picture: '$.avatar_static | $.avatar',
    profile: '$.url',
  },
});
