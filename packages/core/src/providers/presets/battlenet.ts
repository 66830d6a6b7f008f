import { standardClaims } from '../definition/claims.js';
import { battlenet as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Battle.net (OpenID Connect). It knows an id and a BattleTag, and no email. China is a system of
 * its own: `host`.
 */
export const battlenet: OAuth2Preset<'host' | 'region'> = oauth2Preset({
  provider: 'battlenet',
  displayName: 'Battle.net',
  brandColor: '#4381c3',
  mark,
  urlVariables: { host: { default: 'oauth.battle.net' }, region: { default: 'us' } },
  issuer: 'https://{host}',
  serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
  authorizeUrl: 'https://{host}/authorize',
  accessTokenUrl: 'https://{host}/token',
  userinfoEndpoint: 'https://{host}/userinfo',
  apiBaseUrl: 'https://{region}.api.blizzard.com/',
  scope: 'openid',
  tokenEndpointAuthMethod: 'client_secret_basic',
  profile: {
    ...standardClaims,
    sub: '$.sub | $.id',
    name: '$.battletag | $.battle_tag',
    nickname: '$.battletag | $.battle_tag',
    preferred_username: '$.battletag | $.battle_tag',
  },
});
