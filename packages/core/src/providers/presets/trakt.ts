import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Trakt (OAuth 2). Every call carries the client ID. There is no email. */
export const trakt: OAuth2Preset = oauth2Preset({
  provider: 'trakt',
  displayName: 'Trakt',
  brandColor: '#ed1c24',
  authorizeUrl: 'https://trakt.tv/oauth/authorize',
  accessTokenUrl: 'https://api.trakt.tv/oauth/token',
  userinfoEndpoint: 'https://api.trakt.tv/users/settings',
  revocationEndpoint: 'https://api.trakt.tv/oauth/revoke',
  apiBaseUrl: 'https://api.trakt.tv/',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenRequest: {
    body: 'json',
  },
  revocation: {
    body: 'json',
  },
  headers: {
    api: {
      'trakt-api-version': '2',
      'trakt-api-key': '{client_id}',
    },
  },
  profile: {
    sub: '$.user.ids.uuid | $.user.ids.slug',
    name: '$.user.name | $.user.username',
    preferred_username: '$.user.username',
    picture: '$.user.images.avatar.full',
    profile: 'template:https://trakt.tv/users/{user.ids.slug}',
    zoneinfo: '$.account.timezone',
  },
});
