import assert from 'node:assert/strict';
import { Browser, type Visit } from '../support/browser.js';
import type { ContractApp } from './types.js';

/** A callback that a browser is about to request. */
export interface Arrival {
  url: URL;
  /** The fields of a form_post. */
  form?: URLSearchParams;
}

/** The JSON of a response. */
export interface Outcome {
  status: number;
  code: unknown;
}

/** The standard routes' JSON of a session. */
export interface Me {
  client?: string;
  word?: string;
}

/** Starts a login and lets the provider respond, but does not deliver the response. */
export async function callbackOf(
  app: ContractApp,
  browser: Browser,
  client = 'openid',
): Promise<Arrival> {
  return await authorizationResponse(await browser.get(`${app.url}/login/${client}`), browser);
}

/** Goes on from the redirect to the provider, up to the callback. */
export async function authorizationResponse(login: Visit, browser: Browser): Promise<Arrival> {
  const until = (url: URL): boolean => url.pathname.includes('/callback/');
  const { pending, ...visit } = await browser.continue(login, { until });
  assert.ok(pending, `There was no callback, but ${visit.status} ${visit.text()}`);
  return pending;
}

/** Delivers the provider's response. */
export async function arrive(browser: Browser, { url, form }: Arrival): Promise<Visit> {
  return await (form ? browser.post(url, form) : browser.get(url));
}

/** Logs in from beginning to end. */
export async function logIn(
  app: ContractApp,
  client = 'openid',
  browser: Browser = new Browser(),
): Promise<Visit> {
  return await browser.follow(`${app.url}/login/${client}`);
}

export async function me(app: ContractApp, browser: Browser): Promise<Me> {
  return (await browser.get(`${app.url}/me`)).json() as Me;
}

export function outcome(visit: Visit): Outcome {
  const body = json(visit);
  return { status: visit.status, code: body['code'] };
}

/** The JSON of a response; an empty object if it is something else. */
export function json(visit: Visit): Record<string, unknown> {
  try {
    return visit.json() as Record<string, unknown>;
  } catch {
    return {};
  }
}

/** A finished login, with a token. */
export function assertLoggedIn(visit: Visit): void {
  assert.equal(visit.status, 200, `The login failed: ${visit.status} ${visit.text()}`);
  assert.ok('access_token' in json(visit) || 'oauth_token' in json(visit), 'There is no token.');
}

/** A response with the code of an error. */
export function assertRefused(visit: Visit, code: string, status = 400): void {
  assert.deepEqual(outcome(visit), { status, code });
}

/** The cookies of pending logins that a response sets, without those it removes. */
export function loginCookies(visit: Visit): string[] {
  return visit.setCookies.filter(
    (cookie) => /^(__Host-)?oauth-registry\./.test(cookie) && !/; Max-Age=0(;|$)/i.test(cookie),
  );
}

/** The cookies that a response sets and that belong to no pending login: the session's. */
export function sessionCookies(visit: Visit): string[] {
  return visit.setCookies.filter((cookie) => !/^(__Host-)?oauth-registry\./.test(cookie));
}

/** The response to a request that is too large is 4xx, or the connection ends before it is sent. */
export async function assertTooLarge(visit: Promise<Visit>): Promise<void> {
  const cut = (error: NodeJS.ErrnoException): number | undefined =>
    /^(ECONNRESET|EPIPE)$/.test(error.code ?? '') ? undefined : 0;
  const status = await visit.then((response) => response.status, cut);
  assert.ok(status === undefined || (status >= 400 && status < 500), `The response was ${status}.`);
}
