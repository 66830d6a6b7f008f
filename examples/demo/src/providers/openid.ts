import { createHash, generateKeyPairSync, randomBytes } from 'node:crypto';
import express, {
  type ErrorRequestHandler,
  type Express,
  type Request,
  type RequestHandler,
  type Response,
} from 'express';
import type {
  Configuration,
  InteractionResults,
  JWK,
  KoaContextWithOIDC,
  default as Provider,
} from 'oidc-provider';
import { assets } from '../assets.js';
import { html, Html } from '../html.js';
import {
  decisionButtons,
  personChoice,
  providerPage,
  toApplication,
  type Person,
  type ProviderOptions,
} from './shared.js';

const look = { look: 'lighthouse', brand: 'Lighthouse' } as const;

const demoPeople: readonly Person[] = [
  { id: 'ada', username: 'ada', name: 'Ada Lovelace', email: 'ada@lighthouse.example' },
  { id: 'grace', username: 'grace', name: 'Grace Hopper', email: 'grace@lighthouse.example' },
];

/** Everyone who can log in, by `sub`; whoever types a name is added. */
type People = Map<string, Person>;

/** An OpenID provider: the package `oidc-provider`, with a login page of our own. */
export async function createOpenIdProvider(options: ProviderOptions): Promise<Express> {
  const people: People = new Map(demoPeople.map((person) => [String(person.id), person]));
  const provider = await createQuietly(options, people);
  const app = express();
  app.disable('x-powered-by');
  app.use('/assets', assets());
  app.get('/application', toApplication(options));
  app.get('/interaction/:uid', (request, response) => askWho(provider, request, response));
  const form = express.urlencoded({ extended: false });
  app.post('/interaction/:uid', form, (request, response) =>
    decide(provider, people, { request, response }),
  );
  app.use(forgetVisitor, provider.callback());
  app.use(showEnded);
  return app;
}

/** Starts `oidc-provider` without its advice about production, which a demo does not need. */
async function createQuietly(options: ProviderOptions, people: People): Promise<Provider> {
  const { warn } = console;
  console.warn = (...words: unknown[]) => {
    if (!/Unsupported runtime|in-memory adapter/.test(String(words[0]))) warn(...words);
  };
  try {
    const { default: OidcProvider } = await import('oidc-provider');
    return new OidcProvider(options.origin, configure(options, people));
  } finally {
    console.warn = warn;
  }
}

function configure(options: ProviderOptions, people: People): Configuration {
  return {
    clients: [
      {
        client_id: options.clientId,
        client_secret: options.clientSecret,
        redirect_uris: [options.redirectUri, options.dropInRedirectUri ?? options.redirectUri],
        post_logout_redirect_uris: [new URL('/auth/logout/openid', options.redirectUri).href],
        grant_types: ['authorization_code', 'refresh_token'],
      },
    ],
    jwks: { keys: [createKey()] },
    cookies: { keys: [randomBytes(32).toString('hex')] },
    issueRefreshToken: async () => true,
    pkce: { required: () => true },
    features: {
      devInteractions: { enabled: false },
      rpInitiatedLogout: { enabled: true, logoutSource: askForLogout },
    },
    interactions: { url: (_context, { uid }) => `/interaction/${uid}` },
    claims: { openid: ['sub'], profile: ['name', 'preferred_username'], email: ['email'] },
    // The id_token then says who the person is, and one request less is needed.
    conformIdTokenClaims: false,
    ttl: { AccessToken: 3600, Grant: 3600, IdToken: 3600, Interaction: 600, Session: 3600 },
    findAccount: (_context, sub) => findAccount(people, sub),
    renderError: (context, { error, error_description }) =>
      renderError(context, error_description ?? error),
  };
}

/** Asks whether the login at the provider ends, too. The form is that of `oidc-provider`. */
function askForLogout(context: KoaContextWithOIDC, form: string): void {
  context.type = 'html';
  context.body = providerPage({
    ...look,
    title: 'Log out here, too?',
    body: html`<p>The demo application has ended its session.</p>
      ${new Html(form)}
      <div class="actions">
        <button class="primary" form="op.logoutForm" name="logout" value="yes">Yes</button>
        <button form="op.logoutForm">No</button>
      </div>`,
  });
}

function createKey(): JWK {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const key = privateKey.export({ format: 'jwk' });
  return { ...key, kty: 'RSA', alg: 'RS256', use: 'sig', kid: randomBytes(8).toString('hex') };
}

function findAccount(
  people: People,
  sub: string,
): { accountId: string; claims: Claims } | undefined {
  const person = people.get(sub);
  if (!person) return undefined;
  const { name, username, email } = person;
  return {
    accountId: sub,
    claims: () => ({
      sub,
      name,
      preferred_username: username,
      ...(email === undefined ? {} : { email }),
    }),
  };
}

type Claims = () => { sub: string; name: string; preferred_username: string; email?: string };

function renderError(context: KoaContextWithOIDC, explanation: string): void {
  context.type = 'html';
  context.body = providerPage({
    ...look,
    title: 'This login cannot go on',
    body: html`<p>${explanation}</p>`,
  });
}

/**
 * Treats every visitor as a new one, so that each login asks who it is and the demo can be tried as
 * somebody else. A provider in earnest remembers who is logged in.
 */
const forgetVisitor: RequestHandler = (request, _response, next) => {
  if (request.path.startsWith('/session/end')) return next();
  const cookies = request.headers.cookie?.split(/; */) ?? [];
  request.headers.cookie = cookies.filter((cookie) => !cookie.startsWith('_session')).join('; ');
  next();
};

// Express knows an error handler by its four parameters.
// oxlint-disable-next-line max-params
const showEnded: ErrorRequestHandler = (_error, _request, response, _next) => {
  const body = html`<p>
    This page belongs to a login that has ended. Start it again in the application.
  </p>`;
  response.status(400).send(providerPage({ ...look, title: 'This login has ended', body }));
};

async function askWho(provider: Provider, request: Request, response: Response): Promise<void> {
  const { params } = await provider.interactionDetails(request, response);
  const body = html`<p>
      <strong>The demo application</strong> would like to know who you are:
      <code>${String(params['scope'])}</code>
    </p>
    <form method="post">
      ${personChoice(demoPeople)}
      <label class="typed">
        Or type a name
        <input name="name" maxlength="60" autocomplete="off" placeholder="Your name" />
      </label>
      ${decisionButtons('Continue')}
    </form>`;
  response.set('Cache-Control', 'no-store');
  response.send(providerPage({ ...look, title: 'Who are you?', body }));
}

interface Exchange {
  request: Request;
  response: Response;
}

/** Hands the person's answer to `oidc-provider`: a login with what was granted, or a refusal. */
async function decide(provider: Provider, people: People, http: Exchange): Promise<void> {
  const { decision, person, name } = http.request.body as Record<string, string | undefined>;
  if (decision !== 'approve') return finish(provider, http, refusal);
  const accountId = name?.trim() ? addPerson(people, name.trim()) : String(person);
  const { params } = await provider.interactionDetails(http.request, http.response);
  const grant = new provider.Grant({ accountId, clientId: String(params['client_id']) });
  grant.addOIDCScope(String(params['scope']));
  const grantId = await grant.save();
  return finish(provider, http, { login: { accountId, remember: false }, consent: { grantId } });
}

const refusal = { error: 'access_denied', error_description: 'The person declined.' };

function finish(
  provider: Provider,
  { request, response }: Exchange,
  result: InteractionResults,
): Promise<void> {
  return provider.interactionFinished(request, response, result);
}

/** Adds a person by name; the same name is the same person again. */
function addPerson(people: People, typed: string): string {
  const name = typed.slice(0, 60);
  const id = createHash('sha256').update(name.toLowerCase()).digest('hex').slice(0, 12);
  people.set(id, { id, username: name.toLowerCase(), name });
  return id;
}
