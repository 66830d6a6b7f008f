import { inspect } from 'node:util';
import { vi } from 'vitest';
import type { Browser, Visit } from './browser.js';
import { faults, tokenQuirks, type FakeProvider } from './provider/index.js';

/** What only the application and the provider may know, whatever happens. */
export const appSecrets = {
  client: 'canary-client-secret-0123456789-~é',
  session: 'canary-session-secret-of-thirty-two-characters',
  cookie: 'canary-cookie-secret-of-thirty-two-characters',
};

/** Words that come from outside: planted values, and what the provider says in its own words. */
const words = [
  ['canary', 'SECRET', 'an-injected-token', 'a-code-nobody-issued', 'a-state-nobody-sent'],
  ['somebody-elses-request-token', 'a-verifier-nobody-issued'],
  ['The code passed', 'Invalid verification', 'Unknown client', 'OAuthException'],
  ['bad_verification_code', 'bad-verification-code', 'Expired.'],
  ['<script', '<img', 'javascript:', '<h1', 'Something is wrong.', 'Slow down.', 'Down.'],
  ['Ada Lovelace', 'ada@example.com', 'oauth_token=fake', '<title>'],
].flat();

const secretParams = [
  ['state', 'nonce', 'code', 'code_verifier', 'client_secret', 'refresh_token', 'access_token'],
  ['oauth_token', 'oauth_verifier', 'oauth_signature', 'oauth_nonce'],
  ['token', 'subject_token', 'actor_token', 'assertion', 'client_assertion', 'password', 'request'],
  ['device_code', 'auth_req_id', 'login_hint_token', 'id_token_hint', 'logout_token'],
].flat();

const secretHeaders = ['dpop', 'cookie'];

const secretFields = ['access_token', 'refresh_token', 'id_token', 'oauth_token_secret', 'cookie'];

/** Collects every secret that went over the wire, was answered, or lies in the browser. */
export function secretsOf(provider: FakeProvider, browser: Browser, answers: unknown[]): string[] {
  const { codes, accessTokens, refreshTokens, requestTokens, tokenCredentials } = provider;
  const sent = provider.requests.flatMap(({ params, headers }) => [
    ...secretParams.flatMap((name) => params.getAll(name)),
    ...credentialsIn(headers['authorization'] ?? ''),
    ...secretHeaders.map((name) => headers[name] ?? ''),
  ]);
  const issued = [codes, accessTokens, refreshTokens, requestTokens, tokenCredentials].flatMap(
    (kept) => [...kept.keys()],
  );
  const credentials = [...requestTokens.values(), ...tokenCredentials.values()].flatMap(
    ({ secret, verifier = '' }) => [secret, verifier],
  );
  const answered = answers.flatMap((answer) =>
    secretFields.map((field) => (answer as Record<string, unknown>)[field]),
  );
  const cookies = browser.jar.cookies.map(({ value }) => value);
  const own = [...Object.values(appSecrets), provider.settings.clientSecret];
  return [...words, ...own, ...sent, ...issued, ...credentials, ...answered, ...cookies].filter(
    (secret): secret is string => typeof secret === 'string' && secret.length >= 4,
  );
}

/** The credentials of an Authorization header: all of Basic and Bearer, the unguessable part of OAuth. */
function credentialsIn(header: string): string[] {
  const [, scheme, credentials = ''] = /^(\w+) (.*)$/.exec(header) ?? [];
  if (scheme !== 'OAuth') return [credentials];
  const fields = credentials.matchAll(/oauth_(?:token|verifier|signature|nonce)="([^"]*)"/g);
  return [...fields].map(([, value = '']) => decodeURIComponent(value));
}

/** Every text that a log, a page or a debugger could make of an error. */
export function textsOf(error: unknown): Record<string, string> {
  const { message, stack } = error as Error;
  return {
    message,
    stack: String(stack),
    string: String(error),
    json: JSON.stringify(error),
    inspected: inspect(error, { depth: 10, showHidden: true, getters: false }),
    plain: inspect(error),
    spread: JSON.stringify({ ...(error as object) }),
  };
}

/** The texts of a response: its body, and its headers but for the cookies. */
export function textsOfVisit(visit: Visit): Record<string, string> {
  const headers = [...visit.headers].filter(([name]) => name !== 'set-cookie');
  return { body: visit.text(), headers: JSON.stringify(headers) };
}

/** The values of a response's cookies, in the shape of an answer. */
export function cookiesOf({ setCookies }: Visit): { cookie: string }[] {
  return setCookies.map((header) => ({ cookie: /=([^;]*)/.exec(header)?.[1] ?? '' }));
}

/** Finds the secrets that occur in texts, as they are or encoded for a URL. */
export function leaks(texts: Record<string, string>, secrets: string[]): string[] {
  return Object.entries(texts).flatMap(([where, text]) =>
    [...new Set(secrets)]
      .filter((secret) => text.includes(secret) || text.includes(encodeURIComponent(secret)))
      .map((secret) => `${where}: ${secret}`),
  );
}

/** Listens to everything that is printed; the returned function tells what it was. */
export function listenToOutput(): () => string {
  const printed: unknown[][] = [];
  const note = (...args: unknown[]): boolean => printed.push(args) > 0;
  for (const method of ['log', 'info', 'warn', 'error', 'debug', 'trace'] as const) {
    vi.spyOn(console, method).mockImplementation(note);
  }
  vi.spyOn(process.stdout, 'write').mockImplementation(note);
  vi.spyOn(process.stderr, 'write').mockImplementation(note);
  vi.spyOn(process, 'emitWarning').mockImplementation(note);
  return () => printed.map((args) => args.map((arg) => inspect(arg)).join(' ')).join('\n');
}

/** The names of every transport fault, and of every deviation of a token answer. */
export const allFaults = Object.keys(faults) as (keyof typeof faults)[];
export const allTokenQuirks = Object.keys(tokenQuirks) as (keyof typeof tokenQuirks)[];
