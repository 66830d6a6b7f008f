import { standardClaims } from './claims.js';
import { oauth2Preset, type OAuth2Preset } from './preset.js';

/**
 * Microsoft (OpenID Connect). By default anybody may log in, from any tenant: narrow it down with a
 * `tenant` or a list of `tenants`. An email is no proof of who somebody is: tenants choose them.
 */
export const microsoft: OAuth2Preset<'tenant'> = (options = {}) => {
  const { tenant = 'common' } = options;
  const id = tenant === 'consumers' ? personal : tenant;
  const anybody = (other: string): boolean => tenant === 'common' || other !== personal;
  const tenants = /^(?:common|organizations)$/.test(tenant) ? anybody : [id];
  return base({ tenants, ...options });
};

/** The tenant of personal accounts. */
const personal = '9188040d-6c67-4c5b-b112-36a304b66dad';
const host = 'https://login.microsoftonline.com';
const base: OAuth2Preset<'tenant'> = oauth2Preset({
  provider: 'microsoft',
  displayName: 'Microsoft',
  brandColor: '#00a4ef',
  urlVariables: { tenant: { default: 'common' } },
  issuer: `${host}/{tenantid}/v2.0`,
  serverMetadataUrl: `${host}/{tenant}/v2.0/.well-known/openid-configuration`,
  authorizeUrl: `${host}/{tenant}/oauth2/v2.0/authorize`,
  accessTokenUrl: `${host}/{tenant}/oauth2/v2.0/token`,
  userinfoEndpoint: 'https://graph.microsoft.com/oidc/userinfo',
  apiBaseUrl: 'https://graph.microsoft.com/v1.0/',
  scope: 'openid profile email',
  tokenEndpointAuthMethod: 'client_secret_post',
  profile: {
    ...standardClaims,
    preferred_username: '$.preferred_username | id_token.preferred_username',
    given_name: '$.given_name | $.givenname',
    family_name: '$.family_name | $.familyname',
    email_verified: 'bool:id_token.xms_edov',
  },
});
