import { foursquare as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Foursquare (OAuth 2). Every call names the version of the API by its date. Tokens do not expire.
 */
export const foursquare: OAuth2Preset = oauth2Preset({
  provider: 'foursquare',
  displayName: 'Foursquare',
  brandColor: '#3333ff',
  mark,
  authorizeUrl: 'https://foursquare.com/oauth2/authenticate',
  accessTokenUrl: 'https://foursquare.com/oauth2/access_token',
  userinfoEndpoint: 'https://api.foursquare.com/v2/users/self',
  apiBaseUrl: 'https://api.foursquare.com/v2/',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: { uri: 'oauth_token' },
  apiParams: { v: '20240101' },
  errors: [
    {
      endpoint: 'userinfo',
      when: 'meta.code',
      not: 200,
      error: 'meta.errorType',
      message: 'meta.errorDetail',
    },
  ],
  profile: {
    sub: '$.response.user.id',
    name: 'concat:$.response.user.firstName $.response.user.lastName',
    given_name: '$.response.user.firstName',
    family_name: '$.response.user.lastName',
    email: '$.response.user.contact.email',
    picture: 'template:{response.user.photo.prefix}original{response.user.photo.suffix}',
    profile: 'template:https://foursquare.com/user/{response.user.id}',
  },
});
