import { ebay as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** eBay (OAuth 2). It knows a redirect URI by a name: give its RuName as `redirectUriAlias`. */
export const ebay: OAuth2Preset = oauth2Preset({
  provider: 'ebay',
  displayName: 'eBay',
  brandColor: '#e53238',
  mark,
  authorizeUrl: 'https://auth.ebay.com/oauth2/authorize',
  accessTokenUrl: 'https://api.ebay.com/identity/v1/oauth2/token',
  userinfoEndpoint: 'https://apiz.ebay.com/commerce/identity/v1/user/',
  apiBaseUrl: 'https://api.ebay.com/',
  apiOrigins: ['https://apiz.ebay.com'],
  scope: 'https://api.ebay.com/oauth/api_scope/commerce.identity.readonly',
  tokenEndpointAuthMethod: 'client_secret_basic',
  tokenResponse: { tokenType: 'Bearer' },
  profile: {
    sub: '$.userId',
    name: 'concat:$.individualAccount.firstName $.individualAccount.lastName | $.businessAccount.name | $.username',
    given_name: '$.individualAccount.firstName',
    family_name: '$.individualAccount.lastName',
    nickname: '$.username',
    preferred_username: '$.username',
    email: '$.individualAccount.email | $.businessAccount.email',
  },
});
