import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** AniList (OAuth 2). The profile is a GraphQL query. Tokens are valid for a year and have no refresh token. */
export const anilist: OAuth2Preset = oauth2Preset({
  provider: 'anilist',
  displayName: 'AniList',
  brandColor: '#02a9ff',
  authorizeUrl: 'https://anilist.co/api/v2/oauth/authorize',
  accessTokenUrl: 'https://anilist.co/api/v2/oauth/token',
  userinfoEndpoint: 'https://graphql.anilist.co/',
  apiBaseUrl: 'https://graphql.anilist.co/',
  pkce: 'off',
  tokenEndpointAuthMethod: 'client_secret_post',
  userinfo: {
    json: {
      query: '{ Viewer { id name avatar { large } siteUrl } }',
    },
  },
  profile: {
    sub: '$.data.Viewer.id',
    name: '$.data.Viewer.name',
    preferred_username: '$.data.Viewer.name',
    picture: '$.data.Viewer.avatar.large',
    profile: '$.data.Viewer.siteUrl',
  },
});
