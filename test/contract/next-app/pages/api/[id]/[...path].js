import { answerOf, describe, savedLogin } from '../../../contract/options.js';
import { appOf } from '../../../registry.js';

const routes = {
  login: ({ client, params, req, res }) => client().authorizeRedirect(req, res, undefined, params),
  async callback({ client, name, session, req, res }) {
    const token = await client().authorizeAccessToken(req, res);
    await session.setSession({ login: savedLogin(name, token) }, { req, res });
    res.json(token);
  },
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
};

export default async function handle(req, res) {
  const { id, path } = req.query;
  const [route, name] = path;
  try {
    const { oauth, session, params } = appOf(id);
    const client = () => oauth.createClient(name);
    await routes[route]({ client, name, session, params, req, res });
  } catch (error) {
    const { status, body } = answerOf(error);
    res.status(status).json(body);
  }
}
