import {
  responseOf,
  describe,
  frontchannelSession,
  savedLogin,
} from '../../../../contract/options.js';
import { appOf } from '../../../../registry.js';

const routes = {
  login: ({ client, params }, request) => client().authorizeRedirect(request, undefined, params),
  async callback({ client, name, session }, request) {
    const token = await client().authorizeAccessToken(request);
    await session.setSession({ login: savedLogin(name, token) });
    return Response.json(token);
  },
  async both({ client, name, session }, request) {
    const result = await client().login(request, `/both/${name}`);
    if (result instanceof Response) return result;
    if (result.error) throw result.error;
    await session.setSession({ login: savedLogin(name, result.token) });
    return Response.json(result.token);
  },
  auth: ({ auth }, request) => auth[request.method === 'POST' ? 'POST' : 'GET'](request),
  me: async ({ session }) => Response.json(describe(await session.getSession())),
  async remember({ session, name }) {
    await session.setSession({ ...(await session.getSession()), word: name });
    return Response.json({});
  },
  call: async ({ client }) => await client().get('me'),
  profile: async ({ client }) => Response.json(await client().userinfo({})),
  async logout({ session }) {
    await session.clearSession();
    return Response.json({});
  },
  async initiate({ client }, request) {
    const { params } = await client().readLoginInitiation(request);
    return await client().authorizeRedirect(request, undefined, params);
  },
  async end({ client, name, session }, request) {
    const { id_token } = (await session.getSession())?.login?.token ?? {};
    return await client().logoutRedirect(request, `/ended/${name}`, { id_token_hint: id_token });
  },
  ended: async ({ client }, request) =>
    Response.json(await client().validateLogoutResponse(request)),
  backchannel: ({ client }, request) => client().logout.backchannelLogout(request),
  frontchannel: async ({ client, session }, request) =>
    client().logout.frontchannelLogout(request, frontchannelSession(await session.getSession())),
  told: async ({ told }) => Response.json(told),
};

async function handle(request, context) {
  const { id, path } = await context.params;
  const [route, name] = path;
  try {
    const { oauth, session, params, told, auth } = appOf(id);
    const client = () => oauth.createClient(name);
    return await routes[route]({ client, name, session, params, told, auth }, request);
  } catch (error) {
    const { status, body } = responseOf(error);
    return Response.json(body, { status });
  }
}

export { handle as GET, handle as POST, handle as PUT, handle as DELETE };
