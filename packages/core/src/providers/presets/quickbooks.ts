import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** QuickBooks Online by Intuit (OpenID Connect). The callback names the company in `realmId`, which API paths contain. */
export const quickbooks: OAuth2Preset = oauth2Preset({
  provider: 'quickbooks',
  displayName: 'QuickBooks',
  brandColor: '#2ca01c',
  issuer: 'https://oauth.platform.intuit.com/op/v1',
  serverMetadataUrl: 'https://developer.api.intuit.com/.well-known/openid_configuration',
  authorizeUrl: 'https://appcenter.intuit.com/connect/oauth2',
  accessTokenUrl: 'https://oauth.platform.intuit.com/oauth2/v1/tokens/bearer',
  userinfoEndpoint: 'https://accounts.platform.intuit.com/v1/openid_connect/userinfo',
  revocationEndpoint: 'https://developer.api.intuit.com/v2/oauth2/tokens/revoke',
  apiBaseUrl: 'https://quickbooks.api.intuit.com/v3/company/{token.realmId}/',
  scope: 'openid profile email com.intuit.quickbooks.accounting',
  tokenEndpointAuthMethod: 'client_secret_basic',
  nonce: 'optional',
  callbackParams: ['realmId'],
  revocation: {
    body: 'json',
  },
  profile: {
    sub: '$.sub',
    name: 'concat:$.givenName $.familyName',
    given_name: '$.givenName',
    family_name: '$.familyName',
    email: '$.email',
    email_verified: 'bool:$.emailVerified',
    phone_number: '$.phoneNumber',
    phone_number_verified: 'bool:$.phoneNumberVerified',
  },
});
