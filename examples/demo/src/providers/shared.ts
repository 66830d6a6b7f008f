import { randomBytes } from 'node:crypto';
import type { RequestHandler } from 'express';
import { html, type Html } from '../html.js';

/** What a provider knows of itself and of its one client. */
export interface ProviderOptions {
  /** Where the provider listens, e.g. `http://127.0.0.1:3002`. */
  origin: string;
  clientId: string;
  clientSecret: string;
  redirectUri: string;
  /** That of the drop-in routes. */
  dropInRedirectUri?: string;
}

/** Tells whether the client registered a redirect URI. */
export function knows(
  { redirectUri, dropInRedirectUri }: ProviderOptions,
  uri: unknown,
): uri is string {
  return uri === redirectUri || (uri !== undefined && uri === dropInRedirectUri);
}

/** A person who can log in. */
export interface Person {
  id: string | number;
  username: string;
  name: string;
  email?: string;
}

/** A page of a provider: its own look, so that one sees whose page asks. */
export interface ProviderPage {
  /** The provider's class in the style sheet. */
  look: 'lighthouse' | 'octo' | 'photos';
  brand: string;
  title: string;
  body: Html;
}

/** Renders a page of a provider. */
export function providerPage({ look, brand, title, body }: ProviderPage): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <title>${title} · ${brand}</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body class="provider ${look}">
        <main class="dialog">
          <p class="brand">
            <span class="mark" aria-hidden="true">${brand.charAt(0)}</span>${brand}
          </p>
          <h1>${title}</h1>
          ${body}
        </main>
        <aside class="fine">
          A pretend provider on this machine. No account, no password.
          <a href="/application">Back to the application</a>
        </aside>
      </body>
    </html>`.toString();
}

/** Redirects to the application, from the link on every page of a provider. */
export function toApplication({ redirectUri }: ProviderOptions): RequestHandler {
  return (_request, response) => response.redirect(new URL('/', redirectUri).href);
}

/** Renders the choice of a person, the first one chosen already. */
export function personChoice(people: readonly Person[]): Html {
  return html`<fieldset>
    <legend>Log in as</legend>
    ${people.map(
      ({ id, name, email }, index) =>
        html`<label class="person">
          <input
            type="radio"
            name="person"
            value="${id}"
            ${index === 0 ? html`checked` : undefined}
          />
          <span><strong>${name}</strong><small>${email ?? 'shares no email address'}</small></span>
        </label>`,
    )}
  </fieldset>`;
}

/** Renders the two answers a person can give. */
export function decisionButtons(approve: string): Html {
  return html`<div class="actions">
    <button class="primary" name="decision" value="approve">${approve}</button>
    <button name="decision" value="decline" formnovalidate>Decline</button>
  </div>`;
}

/** Values that can be taken once, each under a name nobody can guess. */
export interface OneTime<T> {
  put(value: T): string;
  take(name: unknown): T | undefined;
}

/** Keeps values for ten minutes at most. */
export function oneTime<T>(): OneTime<T> {
  const kept = new Map<unknown, T>();
  return {
    put(value) {
      const name = randomName();
      kept.set(name, value);
      setTimeout(() => kept.delete(name), 600_000).unref();
      return name;
    },
    take(name) {
      const value = kept.get(name);
      kept.delete(name);
      return value;
    },
  };
}

/** Makes a name nobody can guess. */
export function randomName(): string {
  return randomBytes(24).toString('base64url');
}

/** Adds parameters to an address, whether it has some already or not. */
export function withParams(address: string, params: Record<string, string | undefined>): string {
  const url = new URL(address);
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined) url.searchParams.append(name, value);
  }
  return url.href;
}
