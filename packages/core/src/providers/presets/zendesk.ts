import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Zendesk (OAuth 2). Identifiers are those of a subdomain. */
export const zendesk: OAuth2Preset<'subdomain'> = oauth2Preset({
  provider: 'zendesk',
  displayName: 'Zendesk',
  brandColor: '#03363d',
  urlVariables: {
    subdomain: {
      ask: 'Your Zendesk subdomain',
      example: 'example',
    },
  },
  authorizeUrl: 'https://{subdomain}.zendesk.com/oauth/authorizations/new',
  accessTokenUrl: 'https://{subdomain}.zendesk.com/oauth/tokens',
  userinfoEndpoint: 'https://{subdomain}.zendesk.com/api/v2/users/me.json',
  apiBaseUrl: 'https://{subdomain}.zendesk.com/api/v2/',
  scope: 'read',
  tokenEndpointAuthMethod: 'client_secret_post',
  accessTokenParams: {
    expires_in: '172800',
  },
  profile: {
    sub: '$.user.id',
    name: '$.user.name',
    email: '$.user.email',
    email_verified: 'bool:$.user.verified',
    picture: '$.user.photo.content_url',
    locale: '$.user.locale',
    zoneinfo: '$.user.iana_time_zone',
    phone_number: '$.user.phone',
  },
});
