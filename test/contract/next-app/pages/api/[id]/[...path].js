import {
  responseOf,
  describe,
  frontchannelSession,
  savedLogin,
} from '../../../contract/options.js';
import { appOf } from '../../../registry.js';

const routes = {
  login: ({ client, params, req, res }) => client().authorizeRedirect(req, res, undefined, params),
  async callback({ client, name, session, req, res }) {
    const token = await client().authorizeAccessToken(req, res);
    await session.setSession({ login: savedLogin(name, token) }, { req, res });
    res.json(token);
  },
  async both({ client, name, session, req, res }) {
    const result = await client().login(req, res, `/both/${name}`);
    if (!result) return;
    if (result.error) throw result.error;
    await session.setSession({ login: savedLogin(name, result.token) }, { req, res });
    res.json(result.token);
  },
  auth: ({ auth, req, res }) => auth.handler(req, res),
  me: async ({ session, req, res }) => res.json(describe(await session.getSession({ req }))),
  async remember({ session, name, req, res }) {
    await session.setSession({ ...(await session.getSession({ req })), word: name }, { req, res });
    res.json({});
  },
  profile: async ({ client, req, res }) => res.json(await client().userinfo({ request: { req } })),
  async logout({ session, req, res }) {
    await session.clearSession({ req, res });
    res.json({});
  },
  async initiate({ client, req, res }) {
    const { params } = await client().readLoginInitiation(req, res);
    await client().authorizeRedirect(req, res, undefined, params);
  },
  async end({ client, name, session, req, res }) {
    const { id_token } = (await session.getSession({ req }))?.login?.token ?? {};
    await client().logoutRedirect(req, res, `/ended/${name}`, { id_token_hint: id_token });
  },
  ended: async ({ client, req, res }) => res.json(await client().validateLogoutResponse(req, res)),
  backchannel: ({ client, req, res }) => client().logout.backchannelLogout(req, res),
  frontchannel: async ({ client, session, req, res }) =>
    client().logout.frontchannelLogout(
      req,
      res,
      frontchannelSession(await session.getSession({ req })),
    ),
  told: async ({ told, res }) => res.json(told),
};

export default async function handle(req, res) {
  const { id, path } = req.query;
  const [route, name] = path;
  try {
    const { oauth, session, params, told, auth } = appOf(id);
    const client = () => oauth.createClient(name);
    await routes[route]({ client, name, session, params, told, auth, req, res });
  } catch (error) {
    const { status, body } = responseOf(error);
    res.status(status).json(body);
  }
}
