import { facebook as mark } from '../definition/marks.js';
import { appSecretProof, graphErrors, withLongLived, type MetaPreset } from '../hooks/meta.js';
import { oauth2Preset } from '../definition/preset.js';

/** Facebook (OAuth 2). There are no refresh tokens. Accounts made with a telephone number have no email. */
export const facebook: MetaPreset<'version'> = withLongLived(
  'facebook',
  oauth2Preset<'version'>({
    provider: 'facebook',
    displayName: 'Facebook',
    brandColor: '#0866ff',
    mark,
    urlVariables: { version: { default: 'v24.0' } },
    issuer: 'https://www.facebook.com',
    authorizeUrl: 'https://www.facebook.com/{version}/dialog/oauth',
    accessTokenUrl: 'https://graph.facebook.com/{version}/oauth/access_token',
    userinfoEndpoint: 'https://graph.facebook.com/{version}/me',
    apiBaseUrl: 'https://graph.facebook.com/{version}/',
    revocationEndpoint: 'https://graph.facebook.com/{version}/me/permissions',
    scope: 'email public_profile',
    scopeSeparator: ',',
    tokenEndpointAuthMethod: 'client_secret_post',
    tokenResponse: { rename: { expires: 'expires_in' } },
    errors: graphErrors,
    complianceFix: appSecretProof,
    userinfo: { params: { fields: 'id,name,first_name,middle_name,last_name,email,picture' } },
    revocation: { method: 'DELETE', auth: 'bearer', token: '', only: 'access_token' },
    profile: {
      sub: '$.id',
      name: '$.name',
      given_name: '$.first_name',
      family_name: '$.last_name',
      middle_name: '$.middle_name',
      email: '$.email',
      picture: '$.picture.data.url',
      profile: '$.link',
    },
  }),
);
