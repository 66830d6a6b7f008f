import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** ClassLink (OAuth 2), for schools. `sub` is the user and the tenant. */
export const classlink: OAuth2Preset = oauth2Preset({
  provider: 'classlink',
  displayName: 'ClassLink',
  brandColor: '#0091d0',
  authorizeUrl: 'https://launchpad.classlink.com/oauth2/v2/auth',
  accessTokenUrl: 'https://launchpad.classlink.com/oauth2/v2/token',
  userinfoEndpoint: 'https://nodeapi.classlink.com/v2/my/info',
  apiBaseUrl: 'https://nodeapi.classlink.com/',
  scope: 'profile',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: 'template:{TenantId}-{UserId}',
    name: '$.DisplayName | concat:$.FirstName $.LastName',
    given_name: '$.FirstName',
    family_name: '$.LastName',
    preferred_username: '$.LoginId',
    email: '$.Email',
    picture: '$.ImagePath',
  },
});
