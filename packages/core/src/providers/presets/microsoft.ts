import { standardClaims } from '../definition/claims.js';
import { oauth2Preset, urlVariableValue, type OAuth2Preset } from '../definition/preset.js';

/**
 * Microsoft (OpenID Connect). By default users of every tenant can log in: set `tenant` or a list of
 * `tenants`. A tenant can choose any email for its users. For a national cloud, give its `loginHost` and `graphHost`.
 */
export const microsoft: OAuth2Preset<'tenant' | 'loginHost' | 'graphHost'> = (options = {}) => {
  const tenant = `${urlVariableValue(options, 'tenant') ?? 'common'}`;
  const accepts = (other: string): boolean => tenant === 'common' || other !== personal;
  const one = [tenant === 'consumers' ? personal : tenant];
  return base({ tenants: /^(?:common|organizations)$/.test(tenant) ? accepts : one, ...options });
};

const personal = '9188040d-6c67-4c5b-b112-36a304b66dad'; // the tenant of personal accounts
const base = oauth2Preset({
  provider: 'microsoft',
  displayName: 'Microsoft',
  brandColor: '#00a4ef',
  urlVariables: {
    tenant: { default: 'common', ask: 'Your organization' },
    loginHost: { default: 'login.microsoftonline.com' },
    graphHost: { default: 'graph.microsoft.com' },
  },
  issuer: 'https://{loginHost}/{tenantid}/v2.0',
  serverMetadataUrl: 'https://{loginHost}/{tenant}/v2.0/.well-known/openid-configuration',
  authorizeUrl: 'https://{loginHost}/{tenant}/oauth2/v2.0/authorize',
  accessTokenUrl: 'https://{loginHost}/{tenant}/oauth2/v2.0/token',
  userinfoEndpoint: 'https://{graphHost}/oidc/userinfo',
  apiBaseUrl: 'https://{graphHost}/v1.0/',
  apiOrigins: [
    'https://management.azure.com',
    'https://outlook.office.com',
    'https://*.sharepoint.com',
  ],
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
