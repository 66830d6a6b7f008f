import { paypal as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Log in with PayPal (OpenID Connect). It seldom sends the id_token it promises, so the profile is
 * asked for. The sandbox has other hosts: `web`, `api`.
 */
export const paypal: OAuth2Preset<'web' | 'api'> = oauth2Preset({
  provider: 'paypal',
  displayName: 'PayPal',
  brandColor: '#002991',
  mark,
  urlVariables: { web: { default: 'www.paypal.com' }, api: { default: 'api-m.paypal.com' } },
  issuer: 'https://{web}',
  authorizeUrl: 'https://{web}/signin/authorize',
  accessTokenUrl: 'https://{api}/v1/oauth2/token',
  userinfoEndpoint: 'https://{api}/v1/identity/oauth2/userinfo',
  apiBaseUrl: 'https://{api}/',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_basic',
  idToken: 'ignore',
  userinfo: { params: { schema: 'paypalv1.1' } },
  profile: {
    sub: '$.user_id | $.sub',
    name: '$.name',
    given_name: '$.given_name',
    family_name: '$.family_name',
    email: '$.emails[?primary].value | $.email',
    email_verified: '$.emails[?primary].confirmed | $.email_verified',
    picture: '$.picture',
    locale: '$.locale',
    zoneinfo: '$.zoneinfo',
    phone_number: '$.phone_number',
  },
});
