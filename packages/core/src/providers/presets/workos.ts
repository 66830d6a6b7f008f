import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** WorkOS SSO (OAuth 2). One of `provider`, `connection` and `organization` chooses the login; this preset asks AuthKit. */
export const workos: OAuth2Preset = oauth2Preset({
  provider: 'workos',
  displayName: 'WorkOS',
  brandColor: '#6363f1',
  authorizeUrl: 'https://api.workos.com/sso/authorize',
  accessTokenUrl: 'https://api.workos.com/sso/token',
  userinfoEndpoint: 'https://api.workos.com/sso/profile',
  apiBaseUrl: 'https://api.workos.com/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  authorizeParams: {
    provider: 'authkit',
  },
  profile: {
    sub: '$.id',
    name: 'concat:$.first_name $.last_name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    email: '$.email',
    picture: '$.raw_attributes.picture',
  },
});
