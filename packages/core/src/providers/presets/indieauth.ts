import { indieAuthServers } from '../indieauth/hooks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * IndieAuth (OAuth 2). People give their home page as `me` with the login; `clientId` is the address of
 * your application. People are known by their page. With no more scope than `profile email` there is no
 * access token, as there is nothing to use it for.
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
