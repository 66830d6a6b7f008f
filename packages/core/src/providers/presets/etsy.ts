import { etsy as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Etsy (OAuth 2). A public client with PKCE; the secret is half of the API key. Refresh tokens
 * rotate.
 */
export const etsy: OAuth2Preset = oauth2Preset({
  provider: 'etsy',
  displayName: 'Etsy',
  brandColor: '#f16521',
  mark,
  authorizeUrl: 'https://www.etsy.com/oauth/connect',
  accessTokenUrl: 'https://api.etsy.com/v3/public/oauth/token',
  userinfoEndpoint: 'https://openapi.etsy.com/v3/application/users/{token.user_id}',
  apiBaseUrl: 'https://openapi.etsy.com/v3/application/',
  scope: 'email_r',
  tokenEndpointAuthMethod: 'none',
  headers: { api: { 'x-api-key': '{client_id}:{client_secret}' } },
  // The part before the dot is the user ID, which the profile URL contains.
  complianceFix: { accessTokenResponse: withUserId, refreshTokenResponse: withUserId },
  profile: {
    sub: '$.user_id',
    name: 'concat:$.first_name $.last_name',
    given_name: '$.first_name',
    family_name: '$.last_name',
    email: '$.primary_email',
    picture: '$.image_url_75x75',
  },
});

function withUserId(token: Record<string, unknown>): Record<string, unknown> {
  const { access_token: access } = token;
  return { ...token, user_id: /^[\w-]+(?=\.)/.exec(typeof access === 'string' ? access : '')?.[0] };
}
