import type { OAuth1Token, OAuth2Token, Token } from '@oauth-registry/core';
import type { OAuth2Verbs, OAuth1Verbs } from '@oauth-registry/core/types';
import {
  FrameworkClient,
  Registry,
  dualHandlers,
  formatCookie,
  createCookieSession,
  type BrowserCookie,
} from '@oauth-registry/core/adapter';

/** What the test puts into the bundle. */
declare const testProvider: {
  metadataUrl: string;
  issuer: string;
  clientId: string;
  clientSecret: string;
  oauth1: { requestTokenUrl: string; authorizeUrl: string; accessTokenUrl: string };
  oauth1Api: string;
};

const secret = 'a secret of more than thirty-two characters';
let outgoing: BrowserCookie[] = [];

const verbs = dualHandlers({
  session: () => {
    throw new Error('This application has no session of a framework.');
  },
  setCookie: () => (cookie) => void outgoing.push(cookie),
});

class WorkerClient<T extends Token = Token> extends FrameworkClient<T> {
  readonly authorizeRedirect = verbs.responding((browser, redirectUri?: string) =>
    this.startLogin(browser, { redirectUri }),
  );
  readonly authorizeAccessToken = verbs.returning((browser) => this.finishLogin(browser));
}

interface WorkerClients {
  oauth1: WorkerClient<OAuth1Token> & OAuth1Verbs;
  oauth2: WorkerClient<OAuth2Token> & OAuth2Verbs;
  openid2: WorkerClient;
  any: WorkerClient;
}

class OAuth extends Registry<WorkerClients> {
  constructor() {
    super(
      { config: {}, secret, stateStorage: 'cookie', updateToken: () => undefined },
      { Client: WorkerClient },
    );
  }
}

const { clientId, clientSecret } = testProvider;

// As applications do: when the module loads, outside of any request.
const oauth = new OAuth()
  .register('corp', {
    clientId,
    clientSecret,
    serverMetadataUrl: testProvider.metadataUrl,
    apiBaseUrl: `${testProvider.issuer}/api`,
    scope: 'openid email',
  })
  .register('found', { clientId, resource: `${testProvider.issuer}/mcp` })
  .register('old', {
    clientId,
    clientSecret,
    ...testProvider.oauth1,
    apiBaseUrl: testProvider.oauth1Api,
  });

const session = createCookieSession<{ token: Token; name?: string }, Request>(
  { secret, secure: false },
  (request) => ({
    get: (name) =>
      (request.headers.get('cookie') ?? '')
        .split('; ')
        .find((pair) => pair.startsWith(`${name}=`))
        ?.slice(name.length + 1),
    set: (cookie) => void outgoing.push(cookie),
  }),
);

async function serve(request: Request): Promise<Response> {
  const { pathname, origin } = new URL(request.url);
  const [, action, name] = pathname.split('/');
  const client = name === 'old' ? oauth.old : oauth.corp;
  if (name === 'found') {
    await oauth.found.createAuthorizationUrl(`${origin}/callback/found`);
  }
  if (action === 'login') {
    return await client.authorizeRedirect(request, `${origin}/callback/${name}`);
  }
  if (action === 'callback') {
    const token: Token = await client.authorizeAccessToken(request);
    await session.setSession({ token }, request);
    return Response.json({ sub: (token['userinfo'] as { sub?: string } | undefined)?.sub ?? null });
  }
  const data = await session.getSession(request);
  if (!data) return new Response('Not logged in', { status: 401 });
  if (action === 'expire') {
    await session.setSession({ token: { ...data.token, expires_at: 1 } }, request);
    return Response.json({});
  }
  return name === 'old'
    ? await oauth.old.get('me', { token: data.token as OAuth1Token })
    : await oauth.corp.get('me', { token: data.token as OAuth2Token });
}

export default {
  async fetch(request: Request): Promise<Response> {
    outgoing = [];
    try {
      const response = await serve(request);
      const headers = new Headers(response.headers);
      for (const cookie of outgoing) headers.append('set-cookie', formatCookie(cookie));
      return new Response(response.body, { status: response.status, headers });
    } catch (error) {
      return Response.json(
        { error: String(error), stack: (error as Error).stack },
        { status: 500 },
      );
    }
  },
};
