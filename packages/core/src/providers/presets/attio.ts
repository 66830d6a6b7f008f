import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Attio (OAuth 2). The profile is the member of the workspace who authorized. */
export const attio: OAuth2Preset = oauth2Preset({
  provider: 'attio',
  displayName: 'Attio',
  brandColor: '#000000',
  authorizeUrl: 'https://app.attio.com/authorize',
  accessTokenUrl: 'https://app.attio.com/oauth/token',
  userinfoEndpoint: 'https://api.attio.com/v2/self',
  introspectionEndpoint: 'https://app.attio.com/oauth/introspect',
  apiBaseUrl: 'https://api.attio.com/v2/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.authorized_by_workspace_member_id',
    name: '$.workspace_name',
  },
});
