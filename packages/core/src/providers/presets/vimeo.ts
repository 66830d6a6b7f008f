import { vimeo as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Vimeo (OAuth 2). Tokens do not expire. `sub` is the last segment of the user's URI. */
export const vimeo: OAuth2Preset = oauth2Preset({
  provider: 'vimeo',
  displayName: 'Vimeo',
  brandColor: '#1ab7ea',
  mark,
  authorizeUrl: 'https://api.vimeo.com/oauth/authorize',
  accessTokenUrl: 'https://api.vimeo.com/oauth/access_token',
  userinfoEndpoint: 'https://api.vimeo.com/me',
  apiBaseUrl: 'https://api.vimeo.com/',
  revocationEndpoint: 'https://api.vimeo.com/tokens',
  scope: 'public',
  tokenEndpointAuthMethod: 'client_secret_basic',
  headers: { api: { accept: 'application/vnd.vimeo.*+json;version=3.4' } },
  revocation: { method: 'DELETE', auth: 'bearer', token: '', only: 'access_token' },
  profile: {
    sub: 'lastSegment:$.uri',
    name: '$.name',
    email: '$.email',
    picture: '$.pictures.sizes[-1].link',
    profile: '$.link',
  },
});
