import { threads as mark } from '../definition/marks.js';
import { appSecretProof, graphErrors, withLongLived, type MetaPreset } from '../hooks/meta.js';
import { oauth2Preset } from '../definition/preset.js';

/** Threads (OAuth 2). Tokens live an hour, or with `longLived: true` sixty days. */
export const threads: MetaPreset = withLongLived(
  'threads',
  oauth2Preset({
    provider: 'threads',
    displayName: 'Threads',
    brandColor: '#000000',
    mark,
    authorizeUrl: 'https://threads.com/oauth/authorize',
    accessTokenUrl: 'https://graph.threads.com/oauth/access_token',
    userinfoEndpoint: 'https://graph.threads.com/v1.0/me',
    apiBaseUrl: 'https://graph.threads.com/v1.0/',
    scope: 'threads_basic',
    scopeSeparator: ',',
    tokenEndpointAuthMethod: 'client_secret_post',
    errors: graphErrors,
    complianceFix: appSecretProof,
    userinfo: {
      params: { fields: 'id,username,name,threads_profile_picture_url,threads_biography' },
    },
    profile: {
      sub: '$.id',
      name: '$.name',
      nickname: '$.username',
      preferred_username: '$.username',
      picture: '$.threads_profile_picture_url',
      profile: 'template:https://www.threads.com/@{username}',
    },
  }),
);
