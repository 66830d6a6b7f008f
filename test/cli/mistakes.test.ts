import { createServer } from 'node:http';
import {
  isOAuthError,
  OAuth,
  type OAuthOptions,
  type RegisterOptions,
} from '@oauth-registry/express';
import { inspectRegistry } from '@oauth-registry/core/inspect';
import express, { type RequestHandler } from 'express';
import session from 'express-session';
import { fastifyOAuth, OAuth as FastifyOAuth } from '@oauth-registry/fastify';
import Fastify from 'fastify';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../support/apps/express.js';
import { Browser } from '../support/browser.js';
import { listen, stop } from '../support/apps/routes.js';
import { smallKey, startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
afterEach(() => provider.reset());

const baseUrl = 'https://app.example';
const registry = (options: RegisterOptions = {}, shared: OAuthOptions = {}) =>
  new OAuth({ config: {}, baseUrl, ...shared }).register('corp', openidClient(provider, options));

/** What `doctor` prints of a registry, except what is right. */
async function doctor(oauth: unknown, callback?: string): Promise<string> {
  let printed = '';
  for await (const { findings } of inspectRegistry(oauth, callback))
    for (const { level, check, text } of findings)
      if (level !== 'ok') printed += `${check}: ${text}\n`;
  return printed;
}

/** The message of the error that something throws. */
async function message(run: () => unknown): Promise<string> {
  try {
    await run();
  } catch (error) {
    if (isOAuthError(error)) return `${error.code}: ${error.message}`;
    throw error;
  }
  throw new Error('Nothing was thrown.');
}

const sessions = (cookie: session.CookieOptions = {}) =>
  session({ secret: 'x'.repeat(32), resave: false, saveUninitialized: false, cookie });

/** What an application on Express responds with at a path. */
async function visit(
  path: string,
  oauth: ReturnType<typeof registry>,
  ...before: RequestHandler[]
) {
  const app = express();
  for (const handler of before) app.use(handler);
  app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
  app.get('/callback/corp', async (req, res) => {
    await oauth.corp.authorizeAccessToken(req, res);
    res.send('logged in');
  });
  const failed: express.ErrorRequestHandler = (error, _req, res, _next) => {
    res.type('text/plain').send(isOAuthError(error) ? `${error.code}: ${error.message}` : 'other');
  };
  app.use(failed);
  const server = createServer(app);
  const page = await new Browser().get((await listen(server)) + path);
  await stop(server);
  return page.text();
}

/** How an application on Express ends a login, as a browser sees it. The routes are those of `add`. */
async function loginOn(
  add: (app: express.Express, url: string) => void,
  from: (url: string) => string = (url) => url,
): Promise<string> {
  const app = express();
  const server = createServer(app);
  const url = await listen(server);
  app.use(sessions());
  add(app, url);
  let report: (text: string) => void = () => undefined;
  const reported = new Promise<string>((resolve) => (report = resolve));
  const failed: express.ErrorRequestHandler = (error, _req, res, _next) => {
    const text = isOAuthError(error) ? `${error.code}: ${error.message}` : 'other';
    if (res.headersSent) report(text);
    else res.type('text/plain').send(text);
  };
  app.use(failed);
  const page = await new Browser().follow(`${from(url)}/login`);
  const text = page.text();
  const late = text === 'Redirecting. ' ? await reported : '';
  await stop(server);
  return text + late;
}

const corpAt = (url: string, options: RegisterOptions = {}) => registry(options, { baseUrl: url });

const local = { baseUrl: 'http://localhost:3000' };
const noDiscovery = { serverMetadataUrl: undefined };
const call = { token: { access_token: 'x', token_type: 'Bearer' } };

/** A client as plain JavaScript sees it. */
interface Detached {
  authorizeRedirect(this: void, ...given: unknown[]): Promise<void>;
}

type Mistake = [what: string, run: () => Promise<string>, says: RegExp];

const mistakes: Mistake[] = [
  // The values of the provider.
  [
    'the client ID is missing',
    () => message(() => new OAuth({ config: {} }).register('github').github.get('user', call)),
    /GITHUB_CLIENT_ID/,
  ],
  [
    'the client secret is missing',
    () =>
      message(() =>
        new OAuth({ config: { GITHUB_CLIENT_ID: 'x' } })
          .register('github')
          .github.get('user', call),
      ),
    /GITHUB_CLIENT_SECRET/,
  ],
  [
    'the client secret is wrong',
    () => doctor(registry({ clientSecret: 'wrong' })),
    /client authentication: .*"clientSecret"/,
  ],
  [
    'the secret of a file ends with a line break',
    () => doctor(registry({ clientSecret: `${provider.settings.clientSecret}\n` })),
    /clientSecret: .*white space/,
  ],
  [
    'the client ID is in quotation marks',
    () => doctor(registry({ clientId: '"client-1"' })),
    /clientId: .*quotation marks/,
  ],
  [
    'the client ID of the example was not replaced',
    () => doctor(registry({ clientId: 'your-client-id' })),
    /clientId: .*placeholder/,
  ],
  [
    'ID and secret are swapped',
    () => {
      const { clientId, clientSecret } = provider.settings;
      return doctor(registry({ clientId: clientSecret, clientSecret: clientId }));
    },
    /authorization endpoint: .*"clientId"[^]*client authentication: .*"clientSecret"/,
  ],
  [
    'the ID was pasted twice',
    () => doctor(registry({ clientSecret: provider.settings.clientId })),
    /clientSecret: .*same as "clientId"/,
  ],
  // The URLs of the provider.
  [
    'the issuer is the URL of the metadata document',
    () => message(() => registry({ ...noDiscovery, issuer: provider.metadataUrl })),
    /"issuer" is the URL of a metadata document. Pass it as "serverMetadataUrl"/,
  ],
  [
    'the issuer has a slash too many',
    () => doctor(registry({ ...noDiscovery, issuer: `${provider.issuer}/` })),
    /issuer: .*set "issuer" to exactly that value/,
  ],
  [
    'the issuer has another path',
    () => doctor(registry({ ...noDiscovery, issuer: `${provider.issuer}/realm` })),
    /discovery: .*HTTP 404.*Check "serverMetadataUrl" or "issuer"/,
  ],
  [
    'the host of the issuer does not exist',
    () => doctor(registry({ ...noDiscovery, issuer: 'https://id.invalid' })),
    /discovery: .*(?:ENOTFOUND|EAI_AGAIN).*Check its URL/,
  ],
  [
    'the issuer is not https',
    () => message(() => registry({ ...noDiscovery, issuer: 'http://id.example' })),
    /"issuer".*must be an https URL/,
  ],
  [
    'the issuer is a page',
    async () => {
      provider.on('metadata', () => ({ body: '<html>', headers: { 'content-type': 'text/html' } }));
      return await doctor(registry({ ...noDiscovery, issuer: provider.issuer }));
    },
    /discovery: invalid_metadata: .*Check "serverMetadataUrl" or "issuer"/,
  ],
  [
    'the authorization endpoint is not there',
    () => doctor(registry({ authorizeUrl: `${provider.base}/nowhere` })),
    /authorization endpoint: .*404.*"authorizeUrl"/,
  ],
  [
    'the token endpoint is not there',
    () => doctor(registry({ accessTokenUrl: `${provider.base}/nowhere` })),
    /client authentication: .*404.*"accessTokenUrl"/,
  ],
  [
    'the token endpoint is another document',
    () => doctor(registry({ accessTokenUrl: provider.metadataUrl })),
    /client authentication: .*"accessTokenUrl"/,
  ],
  [
    'the userinfo endpoint is not there',
    () => doctor(registry({ userinfoEndpoint: `${provider.base}/nowhere` })),
    /userinfo endpoint: .*404.*"userinfoEndpoint"/,
  ],
  [
    'the domain of a preset is missing',
    () =>
      message(() => {
        const config = { AUTH0_CLIENT_ID: 'x', AUTH0_CLIENT_SECRET: 'x' };
        return new OAuth({ config }).register('auth0').auth0.get('', call);
      }),
    /"domain" has no value.*AUTH0_DOMAIN/,
  ],
  // Redirect URI and base URL.
  [
    'the redirect URI is not registered at the provider',
    async () => {
      const { redirectUris } = provider.settings;
      provider.settings.redirectUris = [`${baseUrl}/auth/callback`];
      return await doctor(registry()).finally(() => {
        provider.settings.redirectUris = redirectUris;
      });
    },
    /authorization endpoint: .*Register exactly https:\/\/app\.example\/callback\/corp/,
  ],
  [
    'there is no base URL',
    () => doctor(registry({}, { baseUrl: undefined })),
    /redirect URI: the registry has no "baseUrl"/,
  ],
  [
    'a login without a base URL',
    () => visit('/login', registry({}, { baseUrl: undefined }), sessions()),
    /No usable redirect URI.*"baseUrl"/,
  ],
  [
    'the base URL has no scheme',
    () => message(() => registry({}, { baseUrl: 'localhost:3000' })),
    /"baseUrl" must be an absolute URL/,
  ],
  [
    'the base URL is plain http',
    () => doctor(registry({}, { baseUrl: 'http://app.example' })),
    /redirect URI: .*Set an https "baseUrl"/,
  ],
  [
    'a form_post callback over http',
    () => doctor(registry({ responseMode: 'form_post' }, local)),
    /cookies: .*SameSite=None; Secure.*"responseMode"/,
  ],
  // What the provider supports.
  [
    'a scope is misspelled',
    () => doctor(registry({ scope: 'openid e-mail' })),
    /scopes: "e-mail".*Check "scope"/,
  ],
  [
    'the authentication method is another',
    () => doctor(registry({ tokenEndpointAuthMethod: 'client_secret_jwt' })),
    /authentication method: .*"tokenEndpointAuthMethod"/,
  ],
  [
    'the algorithm of id_tokens is another',
    () => doctor(registry({ idTokenSignedResponseAlg: 'PS512' })),
    /id_token algorithm: .*"idTokenSignedResponseAlg"/,
  ],
  [
    'the provider does not support PKCE with S256',
    async () => {
      provider.quirks.metadata = { code_challenge_methods_supported: ['plain'] };
      return await doctor(registry());
    },
    /PKCE: .*"pkce"/,
  ],
  [
    'the keys of the provider are too small',
    async () => {
      provider.quirks.jwks = { keys: [smallKey().jwk] };
      return await doctor(registry());
    },
    /keys: none of the provider's 1 keys/,
  ],
  [
    'the clock of this machine is off',
    async () => {
      const date = new Date(Date.now() - 300_000).toUTCString();
      provider.on('metadata', async (_request, respond) => {
        const response = await respond();
        return { ...response, headers: { ...response.headers, date } };
      });
      return await doctor(registry());
    },
    /clock: .*NTP/,
  ],
  // The application.
  [
    'the name of the preset is misspelled',
    () => message(() => new OAuth({ config: {} }).register('githb' as never)),
    /Did you mean "github"/,
  ],
  [
    'an option of passport',
    () => message(() => new OAuth({ config: {} }).register('corp', { clientID: 'x' } as never)),
    /unknown option "clientID". Did you mean "clientId"/,
  ],
  [
    'a name is registered twice',
    () => message(() => registry().register('corp', openidClient(provider))),
    /"corp" is already registered/,
  ],
  [
    'another client is asked for',
    () => message(() => registry().createClient('github')),
    /Registered clients: corp/,
  ],
  [
    'the secret is too short',
    () => message(() => registry({}, { secret: 'keyboard cat' })),
    /at least 32 characters.*openssl rand/,
  ],
  [
    'Express has no session',
    () => visit('/login', registry({}, local)),
    /missing_session: .*app\.use\(session\(/,
  ],
  [
    'the session comes after the routes',
    () => visit('/login', registry({}, local), (_req, _res, next) => void next()),
    /missing_session: .*before the routes/,
  ],
  [
    'Fastify has no session',
    async () => {
      const oauth = new FastifyOAuth({ config: {}, ...local });
      oauth.register('corp', openidClient(provider));
      const app = Fastify();
      await app.register(fastifyOAuth, { oauth });
      app.get('/login', (request, reply) =>
        oauth.createClient('corp').authorizeRedirect(request, reply),
      );
      return (await app.inject('/login')).body;
    },
    /missing_session.*app\.register\(session/,
  ],
  [
    'the session cookie is Secure, and the request is http',
    () => visit('/login', registry({}, local), sessions({ secure: true })),
    /trust proxy.*secure: 'auto'/,
  ],
  [
    'the callback is opened without a login',
    () => visit('/callback/corp?code=x&state=y', registry({}, local), sessions()),
    /Start the login again/,
  ],
  [
    'the session cookie is SameSite=Strict',
    () => visit('/login', registry({}, local), sessions({ sameSite: 'strict' })),
    /missing_session: .*SameSite=Strict.*sameSite: 'lax'/,
  ],
  [
    'the callback belongs to another client',
    () =>
      loginOn((app, url) => {
        const oauth = corpAt(url).register('other', openidClient(provider));
        app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
        app.get('/callback/corp', (req, res) => oauth.other.authorizeAccessToken(req, res));
      }),
    /mismatching_state: .*started with the client "corp", not "other".*separate redirect URI/,
  ],
  [
    'two registries have a client of the same name',
    () =>
      loginOn((app, url) => {
        const [one, two] = [corpAt(url), corpAt(url, { clientId: 'client-2' })];
        app.get('/login', (req, res) => one.corp.authorizeRedirect(req, res));
        app.get('/callback/corp', (req, res) => two.corp.authorizeAccessToken(req, res));
      }),
    /invalid_client: .*Check "clientId"/,
  ],
  [
    'the login starts on 127.0.0.1, and the callback is on localhost',
    () =>
      loginOn(
        (app, url) => {
          const oauth = corpAt(url.replace('127.0.0.1', 'localhost'));
          app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
          app.get('/callback/corp', (req, res) => oauth.corp.authorizeAccessToken(req, res));
        },
        (url) => url.replace('localhost', '127.0.0.1'),
      ),
    /mismatching_state: .*has no cookie: .*localhost is not 127\.0\.0\.1/,
  ],
  [
    'the base URL has the path of the callback',
    () => doctor(registry({}, { baseUrl: `${baseUrl}/callback/corp` })),
    /baseUrl: .*appended again\. Remove callback\/corp/,
  ],
  [
    'the application is behind a proxy that it does not trust',
    () => visit('/login', registry(), sessions({ secure: true })),
    /missing_session: .*sees this request as http.*trust proxy/,
  ],
  [
    'another parser read the body of a form_post callback',
    () =>
      loginOn((app, url) => {
        app.use((req, _res, next) => {
          req.resume().once('end', () => next());
        });
        const oauth = registry(
          { responseMode: 'form_post' },
          { baseUrl: url, secret: 'x'.repeat(32), stateStorage: 'cookie' },
        );
        app.get('/login', (req, res) => oauth.corp.authorizeRedirect(req, res));
        app.post('/callback/corp', (req, res) => oauth.corp.authorizeAccessToken(req, res));
      }),
    /invalid_callback: .*was read before.*express\.urlencoded/,
  ],
  [
    'the variable of the client ID is misspelled',
    () => {
      const config = { GITHUB_CLIENTID: 'x', GITHUB_CLIENT_SECRET: 'y' };
      return message(() => new OAuth({ config }).register('github'));
    },
    /set GITHUB_CLIENT_ID in the configuration, which has GITHUB_CLIENTID instead/,
  ],
  [
    'the variable of the secret is misspelled',
    () => {
      const config = { GITHUB_CLIENT_ID: 'x', GITHUB_SECRET: 'y' };
      return message(() => new OAuth({ config }).register('github'));
    },
    /set GITHUB_CLIENT_SECRET in the configuration, which has GITHUB_SECRET instead/,
  ],
  [
    'the variable of the client ID is empty',
    () => message(() => new OAuth({ config: { GITHUB_CLIENT_ID: '' } }).register('github')),
    /set GITHUB_CLIENT_ID in the configuration, which is empty there/,
  ],
  [
    'an await before authorizeRedirect is missing',
    () =>
      loginOn((app, url) => {
        const oauth = corpAt(url);
        app.get('/login', (req, res, next) => {
          oauth.corp.authorizeRedirect(req, res).catch(next);
          res.send('Redirecting. ');
        });
      }),
    /Redirecting\. invalid_options: The response was sent before.*Write "await"/,
  ],
  [
    'a handler passes no response',
    () =>
      loginOn((app, url) => {
        const { corp } = corpAt(url) as unknown as { corp: Detached };
        app.get('/login', (req) => corp.authorizeRedirect(req));
      }),
    /instead of the response there is nothing.*write authorizeRedirect\(req, res/,
  ],
  [
    'a method is passed as a handler',
    () =>
      loginOn((app, url) => {
        const { corp } = corpAt(url) as unknown as { corp: Detached };
        app.get('/login', corp.authorizeRedirect);
      }),
    /detached from its client.*oauth\.corp\.authorizeRedirect\(/,
  ],
  // Calls of APIs.
  [
    'the hook that loads the token throws',
    async () => {
      const failed = new Error('There is no table "tokens".');
      const { corp } = registry({
        fetchToken: () => {
          throw failed;
        },
      });
      // The error of the application is not replaced.
      return String(await corp.get('me').catch((error: unknown) => error === failed && failed));
    },
    /Error: There is no table "tokens"\./,
  ],
  [
    'the hook returns the access token alone',
    () => message(() => registry({ fetchToken: (() => 'a-token') as never }).corp.get('me')),
    /invalid_token: .*no "access_token" string. Pass the object/,
  ],
  [
    'a relative URL without a base URL of the API',
    () => message(() => registry({ apiBaseUrl: undefined }).corp.get('me', call)),
    /"apiBaseUrl"/,
  ],
  [
    'a URL of another host',
    () => message(() => registry().corp.get('https://other.example/', call)),
    /foreign_origin: .*"apiOrigins"/,
  ],
  [
    'the token itself is passed',
    () => message(() => registry().corp.get('me', call.token as never)),
    /pass { token }/,
  ],
  [
    'an await is missing',
    () => message(() => registry().corp.get('me', { token: Promise.resolve() as never })),
    /write "await"/,
  ],
  ['there is no token', () => message(() => registry().corp.get('me')), /Pass { token }/],
];

describe('the mistakes of beginners', () => {
  it.each(mistakes)('are explained: %s', async (_what, run, says) => {
    expect(await run()).toMatch(says);
  });
});
