import { createSession, OAuth, type OAuth2Token } from '@oauth-registry/web';

const { BASE_URL = 'http://localhost:3000', SESSION_SECRET: secret } = process.env;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
export const oauth = new OAuth({ baseUrl: BASE_URL, secret }).register('corp', {
  scope: 'openid profile',
});

export const { getSession, setSession, clearSession } = createSession<{
  name: string;
  token: OAuth2Token;
}>({ secret, secure: BASE_URL.startsWith('https:') });
