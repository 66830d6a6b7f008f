import { createSession, OAuth, type OAuth2Token } from '@oauth-registry/next';

const { BASE_URL, SESSION_SECRET } = process.env;

export const oauth = new OAuth({
  baseUrl: BASE_URL,
  secret: SESSION_SECRET,
  updateToken: () => undefined,
}).register('corp', { scope: 'openid profile' });

export const { getSession, setSession } = createSession<{ sub: string; token: OAuth2Token }>({
  secret: SESSION_SECRET,
  secure: false,
});
