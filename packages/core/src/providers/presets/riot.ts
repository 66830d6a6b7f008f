import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Riot Sign On (OpenID Connect), for approved applications. The name is that of the Riot account. */
export const riot: OAuth2Preset<'cluster'> = oauth2Preset({
  provider: 'riot',
  displayName: 'Riot Games',
  brandColor: '#d32936',
  issuer: 'https://auth.riotgames.com',
  serverMetadataUrl: 'https://auth.riotgames.com/.well-known/openid-configuration',
  urlVariables: {
    cluster: {
      default: 'europe',
    },
  },
  authorizeUrl: 'https://auth.riotgames.com/authorize',
  accessTokenUrl: 'https://auth.riotgames.com/token',
  userinfoEndpoint: 'https://{cluster}.api.riotgames.com/riot/account/v1/accounts/me',
  apiBaseUrl: 'https://{cluster}.api.riotgames.com/',
  scope: 'openid',
  tokenEndpointAuthMethod: 'client_secret_basic',
  nonce: 'optional',
  userinfo: {
    onLogin: true,
  },
  profile: {
    sub: 'id_token.sub | $.puuid',
    name: 'template:{gameName}#{tagLine}',
    nickname: '$.gameName',
    preferred_username: 'template:{gameName}#{tagLine}',
  },
});
