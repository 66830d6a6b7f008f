import { instagram as mark } from '../definition/marks.js';
import { appSecretProof, graphErrors, withLongLived, type MetaPreset } from '../hooks/meta.js';
import { oauth2Preset } from '../definition/preset.js';

/** Instagram (OAuth 2). For professional accounts. Tokens live an hour, or with `longLived: true` sixty days. */
export const instagram: MetaPreset = withLongLived(
  'instagram',
  oauth2Preset({
    provider: 'instagram',
    displayName: 'Instagram',
    brandColor: '#ff0069',
    mark,
    authorizeUrl: 'https://www.instagram.com/oauth/authorize',
    accessTokenUrl: 'https://api.instagram.com/oauth/access_token',
    userinfoEndpoint: 'https://graph.instagram.com/me',
    apiBaseUrl: 'https://graph.instagram.com/',
    scope: 'instagram_business_basic',
    scopeSeparator: ',',
    tokenEndpointAuthMethod: 'client_secret_post',
    tokenPlacement: 'uri',
    tokenResponse: { path: 'data[0]' },
    errors: [{ endpoint: 'token', when: 'error_type', message: 'error_message' }, ...graphErrors],
    complianceFix: appSecretProof,
    userinfo: { params: { fields: 'id,user_id,username,name,account_type,profile_picture_url' } },
    profile: {
      sub: '$.user_id | $.data[0].user_id | $.id',
      name: '$.name | $.data[0].name',
      nickname: '$.username | $.data[0].username',
      preferred_username: '$.username | $.data[0].username',
      picture: '$.profile_picture_url | $.data[0].profile_picture_url',
      profile:
        'template:https://www.instagram.com/{username}/ | template:https://www.instagram.com/{data[0].username}/',
    },
  }),
);
