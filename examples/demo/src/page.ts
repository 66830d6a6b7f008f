import { createHash } from 'node:crypto';
import type { Token } from '@oauth-registry/core';
import { codeOf, frameworkChoice } from './code.js';
import { html, type Html } from './html.js';
import { icons } from './icons.js';
import { serviceOf, services, type ApiAnswer, type Service } from './services.js';
import type { User } from './users.js';

/** Tells browsers to load nothing but the style sheet and the script, and to keep no copy of a personal page. */
export const secureHeaders = {
  'Cache-Control': 'no-store',
  'Content-Security-Policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; img-src data:; form-action 'self'; base-uri 'none'; frame-ancestors 'none'",
  'Referrer-Policy': 'no-referrer',
  'X-Content-Type-Options': 'nosniff',
};

function layout(title: string, content: Html, look = ''): string {
  return html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title} · oauth-registry</title>
        <link rel="stylesheet" href="/assets/style.css" />
        <link rel="icon" href="data:," />
      </head>
      <body class="app ${look}">
        <header class="top">
          <a class="home" href="/">oauth-registry</a><span class="tag">demo</span>
        </header>
        <main>${content}</main>
        <footer>
          All three providers are pretend ones on this machine. No account is needed, and nothing
          leaves it.
        </footer>
      </body>
    </html>`.toString();
}

/** Buttons of the drop-in routes, where the application has them. */
const dropInChoice = html`<section class="card">
  <h2>Or with the drop-in routes</h2>
  <p class="about">They bring the sign-in page, the popup, the API for pages and the logout.</p>
  <p class="actions">
    <a class="button quiet" href="/auth/login">Open the sign-in page</a>
    <button data-popup="openid">Use a popup</button>
  </p>
  <p role="status" data-status></p>
  ${codeOf('routes', 'add the drop-in routes')} ${codeOf('popup', 'open a popup')}
  <script type="module" src="/assets/demo.js"></script>
</section>`;

/** What the drop-in routes add to the page of someone who is logged in. */
function dropInActions({ client, title, api }: Service): Html {
  return html`<section class="card">
    <h2>From this page</h2>
    <p class="about">The script of this page calls the API through the server. It has no token.</p>
    <p class="actions">
      <button data-client="${client}" data-access="${api}">Call the API from this page</button>
    </p>
    <pre tabindex="0" aria-label="What the page received" hidden data-result><code></code></pre>
    ${
      client === 'openid'
        ? html`<form method="post" action="/auth/logout" class="actions">
            <button>End the session at ${title}, too</button>
          </form>`
        : undefined
    }
    ${codeOf('access', 'call the API from a page')}
    <script type="module" src="/assets/demo.js"></script>
  </section>`;
}

/** The page of someone who is not logged in. */
export function loginPage({ dropIn = false } = {}): string {
  return layout(
    'Log in',
    html`<section class="hero">
        <h1>One registry, three ways to log in</h1>
        <p>
          The same two calls, <code>authorizeRedirect</code> and <code>authorizeAccessToken</code>,
          whichever protocol the provider speaks.
        </p>
      </section>
      <ul class="choices">
        ${services.map(loginChoice)}
      </ul>
      <section class="card">
        <h2>How it works</h2>
        ${frameworkChoice()} ${codeOf('register', 'register the providers')}
        ${codeOf('start', 'start a login')} ${codeOf('callback', 'complete it')}
      </section>
      ${dropIn ? dropInChoice : undefined}`,
  );
}

function loginChoice({ client, title, protocol, about }: Service): Html {
  return html`<li class="card choice ${client}">
    <span class="icon">${icons[client]}</span>
    <h2>${title}</h2>
    <p class="protocol">${protocol}</p>
    <p class="about">${about}</p>
    <a class="button" href="/login/${client}">Log in with ${title}</a>
  </li>`;
}

/** What the page of someone who is logged in shows. */
export interface Profile {
  user: User;
  client: string;
  token: Token;
  answer: ApiAnswer;
  people: readonly User[];
  /** The fingerprint of the access token before its refresh. */
  before?: string | undefined;
  /** Whether the application has the drop-in routes. */
  dropIn?: boolean;
}

/** The page of someone who is logged in. */
export function profilePage({
  user,
  client,
  token,
  answer,
  people,
  before,
  dropIn,
}: Profile): string {
  const service = serviceOf(client);
  return layout(
    user.nickname,
    html`<section class="card who">
        <span class="avatar" aria-hidden="true">${initials(user.nickname)}</span>
        <div>
          <p class="protocol">Logged in with ${service.title}</p>
          <h1>${user.nickname}</h1>
          <p class="email">${user.email ?? 'No email address was shared'}</p>
        </div>
        <form method="post" action="/logout"><button>Log out</button></form>
      </section>
      <section class="card">
        <h2>Your login</h2>
        <dl>
          <div>
            <dt>Client</dt>
            <dd><code>${service.client}</code> · ${service.protocol}</dd>
          </div>
          <div>
            <dt>Account</dt>
            <dd><code>${user.id}</code></dd>
          </div>
          <div>
            <dt>Scopes</dt>
            <dd>${scopes(token)}</dd>
          </div>
          <div>
            <dt>Token expires</dt>
            <dd>${expiry(token)}</dd>
          </div>
          <div>
            <dt>Access token</dt>
            <dd>
              <code>${fingerprint(token)}</code>
              ${before && html`(refreshed; it was <code>${before}</code>)`}
            </dd>
          </div>
        </dl>
        ${refreshForm(token)}
      </section>
      <section class="card">
        <h2>An API call in your name</h2>
        <p class="call"><code>${answer.call}</code><span class="status">${answer.status}</span></p>
        <pre tabindex="0" aria-label="The API’s answer"><code>${answer.body}</code></pre>
      </section>
      <section class="card">
        <h2>How it works</h2>
        ${frameworkChoice()} ${codeOf('callback', 'complete the login')}
        ${codeOf('call', 'call the API')} ${codeOf('refresh', 'refresh the token')}
        ${codeOf('logout', 'log out')}
      </section>
      ${dropIn ? dropInActions(service) : undefined} ${accounts(people, user)}`,
    client,
  );
}

/** A few letters that tell access tokens apart. The token itself is never on a page. */
export function fingerprint({ access_token: access, oauth_token: oauth1 }: Token): string {
  return createHash('sha256')
    .update(String(access ?? oauth1))
    .digest('hex')
    .slice(0, 8);
}

/** Renders the button that refreshes the token, if it has a refresh token. */
function refreshForm(token: Token): Html | undefined {
  if (typeof token['refresh_token'] !== 'string') return undefined;
  return html`<form method="post" action="/refresh" class="actions">
    <button>Refresh the token</button>
  </form>`;
}

function scopes(token: Token): Html {
  const names = typeof token['scope'] === 'string' ? token['scope'].split(/[ ,]+/) : [];
  if (names.length > 0)
    return html`${names.map((name) => html`<span class="chip">${name}</span> `)}`;
  return 'oauth_token' in token ? html`OAuth 1.0a has none` : html`Those that were asked for`;
}

function expiry(token: Token): Html {
  const { expires_at: seconds } = token;
  if (typeof seconds !== 'number') return html`Never; it lasts until it is revoked`;
  const minutes = Math.max(0, Math.round((seconds * 1000 - Date.now()) / 60_000));
  const time = new Date(seconds * 1000).toISOString();
  return html`in ${minutes} minutes, <time datetime="${time}">at ${time.slice(11, 16)} UTC</time>`;
}

function initials(name: string): string {
  const words = name.split(/\s+/).filter(Boolean);
  return [words[0], words.length > 1 ? words.at(-1) : undefined]
    .map((word) => [...(word ?? '')][0] ?? '')
    .join('')
    .toUpperCase();
}

function accounts(people: readonly User[], you: User): Html {
  return html`<section class="card">
    <h2>Everyone who has logged in</h2>
    <table>
      <thead>
        <tr>
          <th scope="col">Name</th>
          <th scope="col">Account</th>
          <th scope="col">Email</th>
        </tr>
      </thead>
      <tbody>
        ${people.map(
          ({ id, nickname, email }) =>
            html`<tr>
              <td>
                ${nickname}${id === you.id ? html` <span class="chip">you</span>` : undefined}
              </td>
              <td><code>${id}</code></td>
              <td>${email ?? 'no email address'}</td>
            </tr>`,
        )}
      </tbody>
    </table>
  </section>`;
}

/** What went wrong; an `OAuthError` is one. */
export interface Problem {
  code: string;
  message: string;
  client?: string;
}

/** The page about a login that came to nothing. */
export function errorPage({ code, message, client }: Problem): string {
  const { title, advice } = explanations[code] ?? unexpected;
  const service = services.find((known) => known.client === client);
  return layout(
    title,
    html`<section class="card problem">
      <h1>${title}</h1>
      <p>${advice}</p>
      <p class="details"><code>${code}</code>${message}</p>
      <p class="actions">
        ${service && html`<a class="button" href="/login/${service.client}">Try again</a>`}
        <a class="button quiet" href="/">Back to the start</a>
      </p>
    </section>`,
  );
}

const unexpected = {
  title: 'That did not work',
  advice: 'This login came to nothing. The words below are for whoever runs this application.',
};

const explanations: Record<string, typeof unexpected> = {
  access_denied: {
    title: 'You said no, and that is fine',
    advice: 'Nothing was shared with this application. You can change your mind at any time.',
  },
  mismatching_state: {
    title: 'Please start again',
    advice: 'This login was not started in this browser, or it was finished already.',
  },
  expired_state: {
    title: 'Please start again',
    advice: 'This login was left open for too long.',
  },
  provider_unavailable: {
    title: 'The provider does not answer',
    advice: 'Please try again in a moment.',
  },
  unknown_client: {
    title: 'There is no such login',
    advice: 'This application knows three providers, and this is none of them.',
  },
  not_found: {
    title: 'There is no such page',
    advice: 'The address may be mistyped.',
  },
};
