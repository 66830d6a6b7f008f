import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** DocuSign (OAuth 2). The base URL of the API is that of the default account of the user. */
export const docusign: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'docusign',
  displayName: 'DocuSign',
  brandColor: '#4c00ff',
  urlVariables: {
    host: {
      default: 'account.docusign.com',
    },
  },
  authorizeUrl: 'https://{host}/oauth/auth',
  accessTokenUrl: 'https://{host}/oauth/token',
  userinfoEndpoint: 'https://{host}/oauth/userinfo',
  apiBaseUrl: '{token.userinfo.raw.accounts[?is_default].base_uri}/restapi/',
  scope: 'signature',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    sub: '$.sub',
    name: '$.name',
    given_name: '$.given_name',
    family_name: '$.family_name',
    email: '$.email',
  },
});
