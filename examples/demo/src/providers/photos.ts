import express, { type Express, type Request, type Response } from 'express';
import { assets } from '../assets.js';
import { html } from '../html.js';
import { createSignatureCheck, OAuthProblem, type SignatureCheck } from './signature-check.js';
import {
  decisionButtons,
  knows,
  personChoice,
  providerPage,
  toApplication,
  randomName,
  withParams,
  type Person,
  type ProviderOptions,
} from './shared.js';

const look = { look: 'photos', brand: 'Shutterbox' } as const;

const people: readonly Person[] = [
  { id: 'u-1926', username: 'vivian', name: 'Vivian Lens' },
  { id: 'u-1902', username: 'ansel', name: 'Ansel Frame' },
];

const photos: Record<string, readonly object[]> = {
  vivian: [
    { id: 'p-31', title: 'Self-portrait in a shop window', taken: '1954-10-18', likes: 214 },
    { id: 'p-32', title: 'Newspaper stand', taken: '1956-03-02', likes: 97 },
  ],
  ansel: [{ id: 'p-77', title: 'Moonrise over the village', taken: '1941-11-01', likes: 1300 }],
};

/** A request token (RFC 5849 calls it temporary credentials), from its birth to its exchange. */
interface RequestToken {
  secret: string;
  callback: string;
  /** Both set once a person approved. */
  verifier?: string;
  person?: Person;
}

interface AccessToken {
  secret: string;
  person: Person;
}

/** The provider's memory. */
interface Photos extends ProviderOptions {
  check: SignatureCheck;
  requestTokens: Map<string, RequestToken>;
  accessTokens: Map<string, AccessToken>;
}

/** An OAuth 1.0a provider (RFC 5849) of the old days, which knows no scope and no email address. */
export function createPhotosProvider(options: ProviderOptions): Express {
  const requestTokens = new Map<string, RequestToken>();
  const accessTokens = new Map<string, AccessToken>();
  const provider: Photos = {
    ...options,
    check: createSignatureCheck(options),
    requestTokens,
    accessTokens,
  };
  const app = express();
  app.disable('x-powered-by');
  app.use('/assets', assets());
  app.get('/application', toApplication(options));
  app.use(express.text({ type: 'application/x-www-form-urlencoded' }));
  app.post('/oauth/request_token', (request, response) =>
    sendForm(response, issueRequestToken(provider, request)),
  );
  app.get('/oauth/authorize', (request, response) => ask(provider, request, response));
  app.post('/oauth/authorize', (request, response) => decide(provider, request, response));
  app.post('/oauth/access_token', (request, response) =>
    sendForm(response, issueAccessToken(provider, request)),
  );
  app.get('/v1/account', (request, response) => {
    const { id, username, name } = authenticate(provider, request);
    response.json({ id, username, full_name: name });
  });
  app.get('/v1/photos', (request, response) => {
    const { username } = authenticate(provider, request);
    response.json({ owner: username, photos: photos[username] });
  });
  app.use(sendProblem);
  return app;
}

/** RFC 5849 §2.1. */
function issueRequestToken(provider: Photos, request: Request): Record<string, string> {
  const { oauth_callback: callback } = provider.check(request, () => '');
  if (!knows(provider, callback)) throw new OAuthProblem('parameter_rejected');
  const token = randomName();
  const secret = randomName();
  provider.requestTokens.set(token, { secret, callback });
  return { oauth_token: token, oauth_token_secret: secret, oauth_callback_confirmed: 'true' };
}

/** RFC 5849 §2.2. */
function ask(provider: Photos, request: Request, response: Response): void {
  const token = new URL(request.originalUrl, provider.origin).searchParams.get('oauth_token') ?? '';
  if (!provider.requestTokens.has(token)) return refuse(response);
  const body = html`<p><strong>The demo application</strong> would like to see your photos.</p>
    <form method="post">
      <input type="hidden" name="oauth_token" value="${token}" />
      ${personChoice(people)} ${decisionButtons('Allow')}
    </form>`;
  response.set('Cache-Control', 'no-store');
  response.send(providerPage({ ...look, title: 'Share your photos?', body }));
}

function refuse(response: Response): void {
  const body = html`<p>This page was used already, or is too old. Please start again.</p>`;
  response.status(400).send(providerPage({ ...look, title: 'Nothing developed', body }));
}

function decide(provider: Photos, request: Request, response: Response): void {
  const form = new URLSearchParams(String(request.body));
  const token = form.get('oauth_token') ?? '';
  const pending = provider.requestTokens.get(token);
  const person = people.find(({ id }) => id === form.get('person'));
  if (!pending || pending.verifier !== undefined || !person) return refuse(response);
  if (form.get('decision') !== 'approve') {
    provider.requestTokens.delete(token);
    // RFC 5849 has no word for a refusal; `denied` is what large providers of the time sent.
    return response.redirect(303, withParams(pending.callback, { denied: token }));
  }
  const verifier = randomName();
  provider.requestTokens.set(token, { ...pending, verifier, person });
  const answer = { oauth_token: token, oauth_verifier: verifier };
  response.redirect(303, withParams(pending.callback, answer));
}

/** RFC 5849 §2.3. */
function issueAccessToken(provider: Photos, request: Request): Record<string, string> {
  const sent = provider.check(request, (token) => provider.requestTokens.get(token)?.secret);
  const name = sent['oauth_token'] ?? '';
  const pending = provider.requestTokens.get(name);
  provider.requestTokens.delete(name);
  if (!pending?.person || pending.verifier !== sent['oauth_verifier']) {
    throw new OAuthProblem('verifier_invalid');
  }
  const token = randomName();
  const secret = randomName();
  provider.accessTokens.set(token, { secret, person: pending.person });
  return { oauth_token: token, oauth_token_secret: secret };
}

/** RFC 5849 §3: returns whose token signed this request. */
function authenticate(provider: Photos, request: Request): Person {
  const sent = provider.check(request, (token) => provider.accessTokens.get(token)?.secret);
  const access = provider.accessTokens.get(sent['oauth_token'] ?? '');
  if (!access) throw new OAuthProblem('token_rejected');
  return access.person;
}

function sendForm(response: Response, fields: Record<string, string>): void {
  response.set('Cache-Control', 'no-store').type('application/x-www-form-urlencoded');
  response.send(new URLSearchParams(fields).toString());
}

// Express knows an error handler by its four parameters.
// oxlint-disable-next-line max-params
const sendProblem: express.ErrorRequestHandler = (error, _request, response, next) => {
  if (!(error instanceof OAuthProblem)) return next(error);
  response.status(401).set('WWW-Authenticate', 'OAuth realm="shutterbox"');
  response.type('text').send(`oauth_problem=${error.message}`);
};
