import { createHash } from 'node:crypto';
import express, { type Express, type Request, type Response } from 'express';
import { assets } from '../assets.js';
import { html } from '../html.js';
import {
  decisionButtons,
  knows,
  oneTime,
  personChoice,
  providerPage,
  toApplication,
  randomName,
  withParams,
  type OneTime,
  type Person,
  type ProviderOptions,
} from './shared.js';

const look = { look: 'octo', brand: 'Octo' } as const;

const people: readonly Person[] = [
  { id: 583_231, username: 'mona', name: 'Mona Tentacle' },
  { id: 9_919, username: 'hubert', name: 'Hubert Inkwell', email: 'hubert@octo.example' },
];

const repositories: Record<string, readonly object[]> = {
  mona: [
    { id: 1296269, full_name: 'mona/hello-sea', stargazers_count: 80, language: 'TypeScript' },
    { id: 1296270, full_name: 'mona/eight-arms', stargazers_count: 8, language: 'Rust' },
  ],
  hubert: [{ id: 2404311, full_name: 'hubert/inkpot', stargazers_count: 13, language: 'C' }],
};

/** What an authorization request asked, kept until the code is spent (RFC 6749 §4.1.1, RFC 7636 §4.3). */
interface AuthorizationRequest {
  redirectUri: string;
  state: string | undefined;
  scope: string;
  challenge: string;
}

interface Grant extends AuthorizationRequest {
  person: Person;
}

/** The provider's memory. */
interface Octo extends ProviderOptions {
  issuer: string;
  requests: OneTime<AuthorizationRequest>;
  codes: OneTime<Grant>;
  /** Access tokens; they never expire. */
  tokens: Map<string, Grant>;
}

/**
 * A plain OAuth 2 provider with the habits of a well-known code host: errors come with status 200,
 * answers are form-encoded unless JSON is asked for, scopes are separated by commas, tokens do not say
 * when they expire, user ids are numbers, and an email address may be missing.
 */
export function createOctoProvider(options: ProviderOptions): Express {
  const octo: Octo = {
    ...options,
    issuer: `${options.origin}/login/oauth`,
    requests: oneTime(),
    codes: oneTime(),
    tokens: new Map(),
  };
  const form = express.urlencoded({ extended: false });
  const app = express();
  app.disable('x-powered-by');
  app.use('/assets', assets());
  app.get('/application', toApplication(options));
  app.get('/login/oauth/authorize', (request, response) => ask(octo, request, response));
  app.post('/login/oauth/authorize', form, (request, response) => decide(octo, request, response));
  app.post('/login/oauth/access_token', form, (request, response) => {
    answer(request, response, exchange(octo, request));
  });
  app.use('/api/v3', createApi(octo));
  return app;
}

function ask(octo: Octo, request: Request, response: Response): void {
  const query = new URL(request.originalUrl, octo.origin).searchParams;
  if (query.get('client_id') !== octo.clientId) {
    return refuse(response, 'No application with this client_id is registered here.');
  }
  const redirectUri = query.get('redirect_uri');
  if (!knows(octo, redirectUri)) {
    return refuse(response, 'The redirect_uri is not the one registered for this application.');
  }
  const state = query.get('state') ?? undefined;
  const challenge = query.get('code_challenge');
  if (challenge === null || query.get('code_challenge_method') !== 'S256') {
    return back({ ...octo, redirectUri }, response, { error: 'invalid_request', state });
  }
  const scope = query.get('scope') ?? '';
  const body = html`<p>
      <strong>The demo application</strong> would like permission to
      <code>${scope}</code>
    </p>
    <form method="post">
      <input
        type="hidden"
        name="request"
        value="${octo.requests.put({ state, scope, challenge, redirectUri })}"
      />
      ${personChoice(people)} ${decisionButtons('Approve')}
    </form>`;
  response.set('Cache-Control', 'no-store');
  response.send(providerPage({ ...look, title: 'Authorize this application?', body }));
}

function refuse(response: Response, explanation: string): void {
  const body = html`<p>${explanation}</p>`;
  response.status(400).send(providerPage({ ...look, title: 'Nothing to see here', body }));
}

function decide(octo: Octo, request: Request, response: Response): void {
  const body = request.body as Record<string, string | undefined>;
  const asked = octo.requests.take(body['request']);
  const person = people.find(({ id }) => String(id) === body['person']);
  if (!asked || !person) return refuse(response, 'This page was used already. Please start again.');
  const { state, redirectUri } = asked;
  if (body['decision'] === 'approve') {
    return back({ ...octo, redirectUri }, response, {
      code: octo.codes.put({ ...asked, person }),
      state,
    });
  }
  const description = 'The user has denied your application access.';
  back({ ...octo, redirectUri }, response, {
    error: 'access_denied',
    error_description: description,
    state,
  });
}

/** Sends the browser back, and says who sends it (RFC 9207 §2). */
function back(octo: Octo, response: Response, params: Record<string, string | undefined>): void {
  response.redirect(303, withParams(octo.redirectUri, { ...params, iss: octo.issuer }));
}

/** The token endpoint's answer, good or bad; its status is 200 in either case. */
function exchange(octo: Octo, request: Request): Record<string, string> {
  const body = (request.body ?? {}) as Record<string, string | undefined>;
  if (!knowsClient(octo, request, body)) {
    return problem('incorrect_client_credentials', 'The client_id or client_secret is wrong.');
  }
  const grant = octo.codes.take(body['code']);
  if (!grant || challengeOf(body['code_verifier']) !== grant.challenge) {
    return problem('bad_verification_code', 'The code passed is incorrect or expired.');
  }
  if (body['redirect_uri'] !== grant.redirectUri) {
    return problem('redirect_uri_mismatch', 'The redirect_uri is not the registered one.');
  }
  const token = `octo_${randomName()}`;
  octo.tokens.set(token, grant);
  return { access_token: token, scope: grant.scope.split(/[ ,]+/).join(','), token_type: 'bearer' };
}

function problem(error: string, description: string): Record<string, string> {
  return { error, error_description: description, error_uri: 'https://docs.octo.example/oauth' };
}

/** Reads the client's credentials from the Basic scheme or the body (RFC 6749 §2.3.1). */
function knowsClient(
  octo: Octo,
  request: Request,
  body: Record<string, string | undefined>,
): boolean {
  const basic = /^Basic (.+)$/i.exec(request.get('authorization') ?? '')?.[1];
  const [id, secret] =
    basic === undefined
      ? [body['client_id'], body['client_secret']]
      : Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent);
  return id === octo.clientId && secret === octo.clientSecret;
}

function challengeOf(verifier: string | undefined): string {
  return createHash('sha256')
    .update(verifier ?? '')
    .digest('base64url');
}

function answer(request: Request, response: Response, fields: Record<string, string>): void {
  response.set('Cache-Control', 'no-store');
  if (request.get('accept')?.includes('application/json') === true) {
    response.json(fields);
  } else {
    response.type('application/x-www-form-urlencoded').send(new URLSearchParams(fields).toString());
  }
}

function createApi(octo: Octo): express.Router {
  const api = express.Router();
  api.use((request, response, next) => {
    const token = /^(?:Bearer|token) (.+)$/i.exec(request.get('authorization') ?? '')?.[1];
    response.locals['person'] = octo.tokens.get(token ?? '')?.person;
    if (response.locals['person']) next();
    else response.status(401).json({ message: 'Bad credentials', status: '401' });
  });
  api.get('/user', (_request, response) => {
    const { id, username, name, email } = response.locals['person'] as Person;
    response.json({ login: username, id, name, email: email ?? null, type: 'User' });
  });
  api.get('/user/repos', (_request, response) => {
    response.json(repositories[(response.locals['person'] as Person).username]);
  });
  return api;
}
