import { OAuth, createSession } from '@oauth-registry/next';
import { clientsOf, oauthOptions, savedLogin, secret } from './contract/options.js';

/** The applications of this process; the routes of both routers share them. */
const apps = (globalThis.contractApps ??= new Map());

export const closeApp = (id) => apps.delete(id);

/** Makes an application of a config; `find` gets a request's login out of the session. */
export function addApp(id, config, url) {
  const { stateStorage, ...options } = oauthOptions(config, url, 'cookie');
  const session = createSession({ secret, secure: config.secureCookie ?? false });
  const oauth = new OAuth({
    ...options,
    stateStorage,
    fetchToken: async (name, place) => {
      const login = (await session.getSession(place))?.login;
      return login?.client === name ? login.token : undefined;
    },
    updateToken: async (name, token, _old, place) => {
      const { userinfo: _, ...kept } = token;
      await session.setSession({ login: { client: name, token: kept } }, place);
    },
  });
  const told = [];
  for (const [name, client] of clientsOf(config, told)) oauth.register(name, client);
  const place = ({ request: req, response: res }) => (res ? [{ req, res }] : []);
  const auth = oauth.routes({
    onLogin: async ({ client, token, ...at }) =>
      await session.setSession({ login: savedLogin(client, token) }, ...place(at)),
    onLogout: async (at) => await session.clearSession(...place(at)),
  });
  apps.set(id, { oauth, session, params: config.params, told, auth });
}

export function appOf(id) {
  const app = apps.get(id);
  if (app) return app;
  throw new Error('There is no such application.');
}
