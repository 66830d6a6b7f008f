import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Stripe Connect with Standard accounts (OAuth 2). */
export const stripe_connect: OAuth2Preset = oauth2Preset({
  provider: 'stripe_connect',
  displayName: 'Stripe',
  brandColor: '#635bff',
  authorizeUrl: 'https://connect.stripe.com/oauth/authorize',
  accessTokenUrl: 'https://connect.stripe.com/oauth/token',
  userinfoEndpoint: 'https://api.stripe.com/v1/account',
  apiBaseUrl: 'https://api.stripe.com/v1/',
  scope: 'read_write',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    sub: '$.id | token.stripe_user_id',
    name: '$.business_profile.name | $.settings.dashboard.display_name',
    email: '$.email',
    website: '$.business_profile.url',
  },
});
