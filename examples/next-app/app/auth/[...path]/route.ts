import type { OAuth2Token } from '@oauth-registry/next';
import { clearSession, getSession, oauth, setSession } from '../../../oauth';

/** The whole login in one file: a sign-in page at /auth/login, /auth/callback/corp, POST /auth/logout. */
export const { GET, POST } = oauth.routes({
  userId: async () => (await getSession())?.name,
  async onLogin({ user, token }) {
    // A cookie is small: keep of the token what you need.
    const { access_token, token_type } = token as OAuth2Token;
    const name = user?.name ?? user?.sub ?? 'Somebody';
    await setSession({ name, token: { access_token, token_type } });
  },
  onLogout: () => clearSession(),
});
