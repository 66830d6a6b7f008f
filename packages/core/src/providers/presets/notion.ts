import { notion as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

const version = { 'notion-version': '2026-03-11' };

/**
 * Notion (OAuth 2). A user grants access to each workspace separately. The profile is that of a bot whose
 * owner is the user.
 */
export const notion: OAuth2Preset = oauth2Preset({
  provider: 'notion',
  displayName: 'Notion',
  brandColor: '#000000',
  mark,
  authorizeUrl: 'https://api.notion.com/v1/oauth/authorize',
  accessTokenUrl: 'https://api.notion.com/v1/oauth/token',
  userinfoEndpoint: 'https://api.notion.com/v1/users/me',
  apiBaseUrl: 'https://api.notion.com/v1/',
  revocationEndpoint: 'https://api.notion.com/v1/oauth/revoke',
  tokenEndpointAuthMethod: 'client_secret_basic',
  authorizeParams: { owner: 'user' },
  headers: { api: version, token: version },
  errors: [
    { endpoint: 'userinfo', when: 'object', is: 'error', error: 'code', message: 'message' },
  ],
  tokenRequest: { body: 'json' },
  revocation: { body: 'json', only: 'access_token' },
  profile: {
    sub: '$.bot.owner.user.id | token.owner.user.id',
    name: '$.bot.owner.user.name | token.owner.user.name',
    email: '$.bot.owner.user.person.email | token.owner.user.person.email',
    picture: '$.bot.owner.user.avatar_url | token.owner.user.avatar_url',
  },
});
