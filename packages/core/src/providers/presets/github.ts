import { revocation, withApiOfHost } from '../hooks/github.js';
import { githubErrors as errors } from '../hooks/token-errors.js';
import { github as mark } from '../definition/marks.js';
import { oauth2Preset, type OAuth2Preset } from '../definition/preset.js';

/** GitHub (OAuth 2). An Enterprise Server takes `host`. */
export const github: OAuth2Preset<'host'> = withApiOfHost(
  oauth2Preset({
    provider: 'github',
    displayName: 'GitHub',
    brandColor: '#181717',
    mark,
    urlVariables: { host: { default: 'github.com' } },
    issuer: 'https://{host}/login/oauth',
    authorizeUrl: 'https://{host}/login/oauth/authorize',
    accessTokenUrl: 'https://{host}/login/oauth/access_token',
    userinfoEndpoint: 'https://api.github.com/user',
    apiBaseUrl: 'https://api.github.com/',
    revocationEndpoint: 'https://api.github.com/applications/{client_id}/token',
    scope: 'read:user user:email',
    tokenEndpointAuthMethod: 'client_secret_post',
    headers: { api: { accept: 'application/vnd.github+json' } },
    tokenResponse: { scopeSeparator: ',' },
    userinfo: { extra: { emails: { url: 'user/emails', scope: ['user:email', 'user'] } } },
    errors,
    revocation,
    profile: {
      sub: '$.id',
      name: '$.name',
      nickname: '$.login',
      preferred_username: '$.login',
      email: 'emails[?primary].email | $.email',
      email_verified: 'emails[?primary].verified',
      picture: '$.avatar_url',
      profile: '$.html_url',
      website: '$.blog',
      updated_at: '$.updated_at',
    },
  }),
);
