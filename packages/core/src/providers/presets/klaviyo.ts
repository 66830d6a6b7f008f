import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Klaviyo (OAuth 2). The profile is that of the account. */
export const klaviyo: OAuth2Preset = oauth2Preset({
  provider: 'klaviyo',
  displayName: 'Klaviyo',
  brandColor: '#232426',
  authorizeUrl: 'https://www.klaviyo.com/oauth/authorize',
  accessTokenUrl: 'https://a.klaviyo.com/oauth/token',
  userinfoEndpoint: 'https://a.klaviyo.com/api/accounts/',
  revocationEndpoint: 'https://a.klaviyo.com/oauth/revoke',
  apiBaseUrl: 'https://a.klaviyo.com/api/',
  scope: 'accounts:read',
  tokenEndpointAuthMethod: 'client_secret_basic',
  headers: {
    api: {
      revision: '2026-01-15',
      accept: 'application/vnd.api+json',
    },
  },
  profile: {
    sub: '$.data[0].id',
    name: '$.data[0].attributes.contact_information.organization_name',
    email: '$.data[0].attributes.contact_information.default_sender_email',
    website: '$.data[0].attributes.contact_information.website_url',
    zoneinfo: '$.data[0].attributes.timezone',
  },
});
