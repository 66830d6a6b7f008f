import { indieAuthServers } from '../indieauth/hooks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * IndieAuth (OAuth 2). A login takes the URL of the user's home page as `me`; `clientId` is the URL of
 * your application. `sub` is the URL of the page. With only the scopes `profile email` there is no access
 * token.
 */
export const indieauth: OAuth2Preset = oauth2Preset({
  provider: 'indieauth',
  displayName: 'IndieAuth',
  brandColor: '#2b5a8e',
  serverLocator: indieAuthServers,
  scope: 'profile email',
  tokenEndpointAuthMethod: 'none',
  tokenResponse: { accessToken: 'optional' },
  userinfo: { from: 'token' },
  profile: {
    sub: '$.me',
    name: '$.profile.name',
    email: '$.profile.email',
    picture: '$.profile.photo',
    profile: '$.profile.url | $.me',
  },
});
