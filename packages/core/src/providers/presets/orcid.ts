import { standardClaims } from '../definition/claims.js';
import { orcid as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * ORCID (OpenID Connect). The profile has only public emails. The sandbox is `sandbox.orcid.org`: `host`.
 */
export const orcid: OAuth2Preset<'host'> = oauth2Preset({
  provider: 'orcid',
  displayName: 'ORCID',
  brandColor: '#a6ce39',
  mark,
  urlVariables: { host: { default: 'orcid.org' } },
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/oauth/authorize',
  accessTokenUrl: 'https://{host}/oauth/token',
  userinfoEndpoint: 'https://{host}/oauth/userinfo',
  apiBaseUrl: 'https://pub.{host}/v3.0/',
  revocationEndpoint: 'https://{host}/oauth/revoke',
  scope: 'openid',
  tokenEndpointAuthMethod: 'client_secret_post',
  userinfo: { onLogin: true, extra: { record: { url: 'https://pub.{host}/v3.0/{sub}/record' } } },
  profile: {
    ...standardClaims,
    sub: '$.sub | token.orcid',
    name: '$.name | token.name | concat:$.given_name $.family_name',
    email: 'record.person.emails.email[0].email',
    email_verified: 'record.person.emails.email[0].verified',
    profile: 'template:https://orcid.org/{sub}',
  },
});
