import { hubspotErrors as errors } from '../hooks/token-errors.js';
import { hubspot as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** HubSpot (OAuth 2). The profile is what introspection says: an id and an email. */
export const hubspot: OAuth2Preset = oauth2Preset({
  provider: 'hubspot',
  displayName: 'HubSpot',
  brandColor: '#ff7a59',
  mark,
  authorizeUrl: 'https://app.hubspot.com/oauth/authorize',
  accessTokenUrl: 'https://api.hubapi.com/oauth/2026-03/token',
  userinfoEndpoint: 'https://api.hubapi.com/oauth/2026-03/token/introspect',
  apiBaseUrl: 'https://api.hubapi.com/',
  revocationEndpoint: 'https://api.hubapi.com/oauth/2026-03/token/revoke',
  scope: 'oauth',
  tokenEndpointAuthMethod: 'client_secret_post',
  userinfo: {
    form: {
      client_id: '{client_id}',
      client_secret: '{client_secret}',
      token: '{token.access_token}',
      token_type_hint: 'access_token',
    },
  },
  errors,
  revocation: { only: 'refresh_token' },
  profile: {
    sub: '$.user_id',
    name: '$.user',
    email: '$.user',
  },
});
