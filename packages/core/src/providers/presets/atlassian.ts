import { atlassianErrors as errors } from '../hooks/token-errors.js';
import { atlassian as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/**
 * Atlassian (Jira/Confluence Cloud 3LO) (OAuth 2). Refresh tokens come with scope
 * `offline_access`, and rotate.
 */
export const atlassian: OAuth2Preset = oauth2Preset({
  provider: 'atlassian',
  displayName: 'Atlassian',
  brandColor: '#0052cc',
  mark,
  issuer: 'https://auth.atlassian.com',
  authorizeUrl: 'https://auth.atlassian.com/authorize',
  accessTokenUrl: 'https://auth.atlassian.com/oauth/token',
  userinfoEndpoint: 'https://api.atlassian.com/me',
  apiBaseUrl: 'https://api.atlassian.com/',
  revocationEndpoint: 'https://auth.atlassian.com/oauth/revoke',
  scope: 'read:me',
  tokenEndpointAuthMethod: 'client_secret_post',
  errors,
  authorizeParams: { audience: 'api.atlassian.com', prompt: 'consent' },
  profile: {
    sub: '$.account_id',
    name: '$.name',
    nickname: '$.nickname',
    preferred_username: '$.nickname',
    email: '$.email',
    email_verified: '$.email_verified',
    picture: '$.picture',
    locale: '$.locale',
    zoneinfo: '$.zoneinfo',
  },
});
