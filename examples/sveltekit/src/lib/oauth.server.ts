import { building } from '$app/environment';
import { env } from '$env/dynamic/private';
import { createSession, OAuth, type OAuth2Token } from '@oauth-registry/web';

// The build imports this module without the environment of the server.
const config = building
  ? {
      SESSION_SECRET: 'thirty-two characters in a build',
      CORP_CLIENT_ID: 'build',
      CORP_CLIENT_SECRET: 'build',
      CORP_SERVER_METADATA_URL: 'https://build.invalid',
    }
  : env;
const {
  BASE_URL = 'http://localhost:3000',
  SESSION_SECRET: secret,
}: Record<string, string | undefined> = config;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
export const oauth = new OAuth({ baseUrl: BASE_URL, secret, config }).register('corp', {
  scope: 'openid profile',
});

export const { getSession, setSession, clearSession } = createSession<{
  name: string;
  token: OAuth2Token;
}>({ secret, secure: BASE_URL.startsWith('https:') });
