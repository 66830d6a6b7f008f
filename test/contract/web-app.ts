import type { LogoutEvent } from '@oauth-registry/core/types';
import { createSession, OAuth, type WebClient } from '@oauth-registry/web';
import {
  clientsOf,
  describe,
  frontchannelSession,
  oauthOptions,
  responseOf,
  savedLogin,
  secret,
  type SavedLogin,
} from './options.js';
import type { ContractConfig } from './types.js';

/** A handler of standard requests. */
export type WebHandler = (request: Request) => Promise<Response>;

/** An application of the contract on standard requests. Uses nothing but web standards, for every runtime. */
export function webApp(config: ContractConfig, url: string): WebHandler {
  const mounted = new URL(url).pathname.length;
  const session = createSession<Record<string, unknown>>({
    secret,
    secure: config.secureCookie ?? false,
  });
  const oauth = new OAuth({
    ...oauthOptions(config, url, 'cookie'),
    fetchToken: async (name, request) => {
      const login = (await session.getSession(request as Request))?.['login'] as
        SavedLogin | undefined;
      return login?.client === name ? (login.token as never) : undefined;
    },
  });
  const events: LogoutEvent[] = [];
  for (const [name, client] of clientsOf(config, events)) oauth.register(name, client);
  const auth = oauth.routes({
    onLogin: async ({ client, token, request, response: { headers } }) =>
      await session.setSession({ login: savedLogin(client, token) }, { request, headers }),
    onLogout: async ({ request, response: { headers } }) =>
      await session.clearSession({ request, headers }),
  });
  return async (request) => {
    const path = new URL(request.url).pathname.slice(mounted);
    const [page = '', argument = ''] = path.replace(/^\//, '').split('/');
    if (page === 'auth') return (await auth(request)) ?? new Response(null, { status: 404 });
    const headers = new Headers();
    const context = { request, headers, argument, events, params: config.params, session };
    const handler = Object.hasOwn(pages, `/${page}`) ? pages[`/${page}`] : undefined;
    try {
      const client = (): WebClient => oauth.createClient(argument) as WebClient;
      const body = await handler?.(client, context);
      return body instanceof Response ? body : Response.json(body ?? null, { headers });
    } catch (error) {
      const { status, body } = responseOf(error);
      return Response.json(body, { status, headers });
    }
  };
}

interface Context {
  request: Request;
  headers: Headers;
  /** The second segment of the path. */
  argument: string;
  events: LogoutEvent[];
  params: Record<string, string> | undefined;
  session: ReturnType<typeof createSession<Record<string, unknown>>>;
}

type Page = (client: () => WebClient, context: Context) => Promise<unknown>;

const pages: Readonly<Record<string, Page>> = {
  '/login': async (client, { request, params }) =>
    await client().authorizeRedirect(request, undefined, params),
  '/callback': async (client, { request, headers, argument, session }) => {
    const token = await client().authorizeAccessToken({ request, headers });
    await session.setSession({ login: savedLogin(argument, token) }, { request, headers });
    return token;
  },
  '/both': async (client, { request, headers, argument, session }) => {
    const result = await client().login({ request, headers }, `/both/${argument}`);
    if (result instanceof Response) return result;
    if (result.error) throw result.error;
    await session.setSession({ login: savedLogin(argument, result.token) }, { request, headers });
    return result.token;
  },
  '/me': async (_client, { request, session }) => describe(await session.getSession(request)),
  '/remember': async (_client, { request, headers, argument: word, session }) => {
    await session.setSession(
      { ...(await session.getSession(request)), word },
      { request, headers },
    );
    return {};
  },
  '/profile': async (client, { request }) => await client().userinfo({ request }),
  '/logout': async (_client, { request, headers, session }) => {
    await session.clearSession({ request, headers });
    return {};
  },
  '/initiate': async (client, { request }) => {
    const { params } = await client().readLoginInitiation(request);
    return await client().authorizeRedirect(request, undefined, params);
  },
  '/end': async (client, { request, argument, session }) => {
    const login = (await session.getSession(request))?.['login'] as SavedLogin | undefined;
    const hint = { id_token_hint: String(login?.token['id_token']) };
    return await client().logoutRedirect(request, `/ended/${argument}`, hint);
  },
  '/ended': async (client, { request, headers }) =>
    await client().validateLogoutResponse({ request, headers }),
  '/backchannel': async (client, { request }) => await client().logout.backchannelLogout(request),
  '/frontchannel': async (client, { request, session }) =>
    await client().logout.frontchannelLogout(
      request,
      frontchannelSession(await session.getSession(request)),
    ),
  '/told': async (_client, { events }) => events,
};
