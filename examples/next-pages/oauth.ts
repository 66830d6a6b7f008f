import { createSession, OAuth, type OAuth2Token } from '@oauth-registry/next';

const { BASE_URL, SESSION_SECRET } = process.env;

// The rest comes from CORP_CLIENT_ID, CORP_CLIENT_SECRET, CORP_SERVER_METADATA_URL and CORP_API_BASE_URL.
export const oauth = new OAuth({ baseUrl: BASE_URL, secret: SESSION_SECRET }).register('corp', {
  scope: 'openid profile',
});

export const { getSession, setSession, clearSession } = createSession<{
  name: string;
  token: OAuth2Token;
}>({ secret: SESSION_SECRET, secure: BASE_URL?.startsWith('https:') ?? true, maxBytes: 12_000 });
