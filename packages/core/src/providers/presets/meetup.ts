import { graphqlErrors } from '../hooks/token-errors.js';
import { meetup as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** Meetup (OAuth 2). A client needs a paid account. */
export const meetup: OAuth2Preset = oauth2Preset({
  provider: 'meetup',
  displayName: 'Meetup',
  brandColor: '#ed1c40',
  mark,
  authorizeUrl: 'https://secure.meetup.com/oauth2/authorize',
  accessTokenUrl: 'https://secure.meetup.com/oauth2/access',
  userinfoEndpoint: 'https://api.meetup.com/gql-ext',
  apiBaseUrl: 'https://api.meetup.com/',
  scope: 'basic',
  tokenEndpointAuthMethod: 'client_secret_post',
  errors: graphqlErrors,
  userinfo: { json: { query: '{ self { id name email username memberUrl } }' } },
  profile: {
    sub: '$.data.self.id',
    name: '$.data.self.name',
    preferred_username: '$.data.self.username',
    email: '$.data.self.email',
    profile: '$.data.self.memberUrl',
  },
});
