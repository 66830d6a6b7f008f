import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * IndieAuth (OAuth 2). Give the endpoints that the person's home page names as `authorizeUrl` and
 * `accessTokenUrl`; `clientId` is the address of your application. People are known by their page.
 */
export const indieauth: OAuth2Preset = oauth2Preset({
  provider: 'indieauth',
  displayName: 'IndieAuth',
  brandColor: '#2b5a8e',
  scope: 'profile email',
  tokenEndpointAuthMethod: 'none',
  userinfo: { from: 'token' },
  profile: {
    sub: '$.me',
    name: '$.profile.name',
    email: '$.profile.email',
    picture: '$.profile.photo',
    profile: '$.profile.url | $.me',
  },
});
