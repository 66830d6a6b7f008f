import { expect } from 'vitest';
import { Browser } from './browser.js';
import type { Token } from '@oauth-registry/core';
import type { AuthorizationRequest, FrameworkClient } from '@oauth-registry/core/types';

export const redirectUri = 'http://127.0.0.1:9/callback';

/** Sends a person to the provider, who agrees at once, and returns the address they come back to. */
export async function comeBack(request: AuthorizationRequest): Promise<URL> {
  const answer = await fetch(request.url, { redirect: 'manual' });
  const location = answer.headers.get('location');
  if (location === null) throw new Error(`There was no callback, but a ${answer.status}.`);
  return new URL(location);
}

/** Logs a person in without a web framework. */
export async function login<T extends Token>(client: FrameworkClient<T>): Promise<T> {
  const request = await client.createAuthorizationUrl(redirectUri);
  return await client.fetchAccessToken((await comeBack(request)).href, request);
}

/** What a promise is rejected with; fails the test when it is not. */
export async function rejection(promise: Promise<unknown>): Promise<Error & { code?: unknown }> {
  const thrown: unknown = await promise.then(
    () => new Error('It was not rejected.', { cause: 'fulfilled' }),
    (reason: unknown) => reason,
  );
  if (!(thrown instanceof Error)) throw new TypeError('It was rejected with something else.');
  if (thrown.cause === 'fulfilled') throw thrown;
  return thrown;
}

/** What the provider's API reports of a request that it understood. */
export interface Echo {
  method: string;
  path: string;
  search: string;
  query: [string, string][];
  headers: Record<string, string>;
  body: string;
  placement: string;
}

/** Reads the report of the provider's API. */
export async function echo(answer: Promise<Response>): Promise<Echo> {
  const response = await answer;
  expect(response.status).toBe(200);
  return (await response.json()) as Echo;
}

/** Sends a person to the provider, who agrees at once, and returns the form that arrives. */
export async function posted(request: AuthorizationRequest): Promise<URLSearchParams> {
  const until = (url: URL): boolean => url.href.startsWith(redirectUri);
  const { pending, text } = await new Browser().follow(request.url, { until });
  if (!pending?.form) throw new Error(`No form was posted, but: ${text()}`);
  return pending.form;
}
