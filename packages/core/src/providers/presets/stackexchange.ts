import { stackexchangeErrors as errors } from '../hooks/token-errors.js';
import { stackexchange as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Stack Exchange / Stack Overflow (OAuth 2). Give the key of the application as `apiKey`. Accounts are
 * known over the whole network.
 */
export const stackexchange: OAuth2Preset<'site'> = oauth2Preset({
  provider: 'stackexchange',
  displayName: 'Stack Exchange',
  brandColor: '#1e5397',
  mark,
  urlVariables: { site: { default: 'stackoverflow' } },
  authorizeUrl: 'https://stackoverflow.com/oauth',
  accessTokenUrl: 'https://stackoverflow.com/oauth/access_token/json',
  userinfoEndpoint: 'https://api.stackexchange.com/2.3/me',
  apiBaseUrl: 'https://api.stackexchange.com/2.3/',
  revocationEndpoint: 'https://api.stackexchange.com/2.3/apps/{token.access_token}/de-authenticate',
  scope: 'no_expiry',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenPlacement: 'uri',
  tokenResponse: { rename: { expires: 'expires_in' } },
  errors,
  revocation: { method: 'GET', auth: 'none', token: '', only: 'access_token' },
  apiParams: { site: '{site}', key: '{api_key}' },
  profile: {
    sub: '$.items[0].account_id',
    name: 'html:$.items[0].display_name',
    nickname: 'html:$.items[0].display_name',
    preferred_username: 'html:$.items[0].display_name',
    picture: '$.items[0].profile_image',
    profile: '$.items[0].link',
    website: '$.items[0].website_url',
  },
});
