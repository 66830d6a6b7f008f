import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Snapchat Login Kit (OAuth 2). The profile is a GraphQL query; there is no email. */
export const snapchat: OAuth2Preset = oauth2Preset({
  provider: 'snapchat',
  displayName: 'Snapchat',
  brandColor: '#fffc00',
  authorizeUrl: 'https://accounts.snapchat.com/accounts/oauth2/auth',
  accessTokenUrl: 'https://accounts.snapchat.com/accounts/oauth2/token',
  userinfoEndpoint: 'https://kit.snapchat.com/v1/me',
  apiBaseUrl: 'https://kit.snapchat.com/v1/',
  scope: [
    'https://auth.snapchat.com/oauth2/api/user.external_id',
    'https://auth.snapchat.com/oauth2/api/user.display_name',
    'https://auth.snapchat.com/oauth2/api/user.bitmoji.avatar',
  ],
  tokenEndpointAuthMethod: 'client_secret_basic',
  userinfo: {
    method: 'POST',
    json: {
      query: '{me{externalId displayName bitmoji{avatar id}}}',
    },
  },
  profile: {
    sub: '$.data.me.externalId',
    name: '$.data.me.displayName',
    picture: '$.data.me.bitmoji.avatar',
  },
});
