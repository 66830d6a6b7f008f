import { ofShops } from '../hooks/shopify.js';
import { shopify as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Shopify (OAuth 2). The user chooses a `shop` at login, unless you set `name.myshopify.com`. */
export const shopify: OAuth2Preset<'shop' | 'version'> = oauth2Preset({
  provider: 'shopify',
  displayName: 'Shopify',
  brandColor: '#7ab55c',
  mark,
  urlVariables: {
    shop: {
      ask: 'Your shop',
      example: 'example.myshopify.com',
      suffix: '.myshopify.com',
      pattern: '[a-zA-Z\\d][a-zA-Z\\d-]*(\\.[a-z]+){2}',
    },
    version: { default: '2026-07' },
  },
  authorizeUrl: 'https://{shop}/admin/oauth/authorize',
  accessTokenUrl: 'https://{shop}/admin/oauth/access_token',
  userinfoEndpoint: 'https://{shop}/admin/api/{version}/graphql.json',
  apiBaseUrl: 'https://{shop}/admin/api/{version}/',
  revocationEndpoint: 'https://{shop}/admin/api_permissions/current.json',
  scope: 'read_products',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { scopeSeparator: ',' },
  accessTokenParams: { expiring: '1' },
  tokenPlacement: { header: 'X-Shopify-Access-Token' },
  revocation: { method: 'DELETE', auth: 'bearer', token: '', only: 'access_token' },
  ...ofShops,
  userinfo: { json: { query: '{ shop { id name email myshopifyDomain shopOwnerName } }' } },
  profile: {
    sub: 'token.associated_user.id | $.data.shop.id',
    name: 'concat:token.associated_user.first_name token.associated_user.last_name | $.data.shop.name',
    given_name: 'token.associated_user.first_name',
    family_name: 'token.associated_user.last_name',
    nickname: '$.data.shop.myshopifyDomain',
    email: 'token.associated_user.email | $.data.shop.email',
    email_verified: 'token.associated_user.email_verified',
    profile: 'template:https://{shop}',
    locale: 'token.associated_user.locale',
  },
});
