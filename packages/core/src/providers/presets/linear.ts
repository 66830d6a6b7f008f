import { graphqlErrors } from '../hooks/token-errors.js';
import { linear as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Linear (OAuth 2). The profile is a GraphQL query. */
export const linear: OAuth2Preset = oauth2Preset({
  provider: 'linear',
  displayName: 'Linear',
  brandColor: '#5e6ad2',
  mark,
  authorizeUrl: 'https://linear.app/oauth/authorize',
  accessTokenUrl: 'https://api.linear.app/oauth/token',
  userinfoEndpoint: 'https://api.linear.app/graphql',
  apiBaseUrl: 'https://api.linear.app/',
  revocationEndpoint: 'https://api.linear.app/oauth/revoke',
  scope: 'read',
  scopeSeparator: ',',
  tokenEndpointAuthMethod: 'client_secret_post',
  tokenResponse: { scopeSeparator: ',' },
  errors: graphqlErrors,
  userinfo: { json: { query: '{ viewer { id name displayName email avatarUrl url } }' } },
  profile: {
    sub: '$.data.viewer.id',
    name: '$.data.viewer.name',
    nickname: '$.data.viewer.displayName',
    email: '$.data.viewer.email',
    picture: '$.data.viewer.avatarUrl',
    profile: '$.data.viewer.url',
  },
});
