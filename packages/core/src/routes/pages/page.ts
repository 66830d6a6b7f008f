import { sha256 } from '../../platform/crypto.js';
import { toBase64 } from '../../platform/encoding.js';
import { loginButton, loginStyles, type Branded, type LoginButtonOptions } from './button.js';
import { inks, lightDark } from './colors.js';
import { html, Html } from './html.js';

/** How the pages of the drop-in routes are written. */
export interface PageLook {
  /** CSS that comes after the page's own, e.g. `:root { --oauth-background: #fffbeb }`. */
  styles?: string | undefined;
}

/** How the sign-in page is written. */
export interface LoginPageOptions extends Omit<LoginButtonOptions, 'label'>, PageLook {
  /** The page's heading. Default `Sign in`. */
  title?: string | undefined;
  /** The page's language, e.g. `de`. Default `en`. It decides which side lines begin on. */
  lang?: string | undefined;
  /** The text of a button, from the provider's name. Default: `Continue with` and the name. */
  label?: ((name: string) => string) | undefined;
}

/** Writes the whole sign-in page: a button for each client. */
export function loginPage(clients: readonly Branded[], options: LoginPageOptions = {}): string {
  const { title = 'Sign in', lang, label, styles, ...how } = options;
  const buttons = clients.map((client) => {
    const own = label && { label: label(client.options.displayName ?? client.name) };
    return html`<li>${loginButton(client, { ...how, ...own })}</li>`;
  });
  // VoiceOver takes a list without bullets for none, unless it is told.
  const list = html`<ul role="list">
    ${buttons}
  </ul>`;
  const none = html`<p>There is nothing to sign in with yet.</p>`;
  const head = { title, lang, styles: [loginStyles(clients), styles] };
  return wholePage(head, buttons.length > 0 ? list : none);
}

/** What a page says that has a message for somebody. */
export interface Message {
  title: string;
  message: string;
  /** Under which the operator of the application finds what happened. */
  reference?: string | undefined;
  /** For developers. */
  details?: string | undefined;
  /** The way on. */
  on: { href: string; text: string };
  /** What the page tells the one that opened it. */
  telling?: Html | undefined;
}

/** Writes a page that says what happened, with one way on. */
export function messagePage(said: Message, look: PageLook): string {
  const { title, message, reference, details, on, telling } = said;
  return wholePage(
    { title, styles: [loginStyles([]), look.styles] },
    html`<p>${message}</p>
      <p><a class="oauth-login oauth-on" href="${on.href}">${on.text}</a></p>
      ${reference && html`<p class="oauth-reference">Reference: <code>${reference}</code></p>`}${
        details &&
        html`<details>
          <summary>Details</summary>
          <p>${details}</p>
        </details>`
      }${telling}`,
  );
}

interface Head {
  title: string;
  lang?: string | undefined;
  styles: readonly (string | undefined)[];
}

/** Languages that are written from right to left. */
const rightToLeft = /^(?:ar|arc|ckb|dv|fa|he|iw|ks|nqo|ps|sd|syr|ug|ur|yi)(?:-|$)/i;

function wholePage({ title, lang = 'en', styles }: Head, body: Html): string {
  // What would end the element early can only be a mistake: no CSS has it outside of a string.
  const css = [pageStyle, ...styles].join('\n').replaceAll('</', '<\\/');
  return html`<!doctype html>
    <html lang="${lang}" dir="${rightToLeft.test(lang) ? 'rtl' : 'ltr'}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${new Html(`<style>${css}</style>`)}
      </head>
      <body>
        <main>
          <h1>${title}</h1>
          ${body}
        </main>
      </body>
    </html> `.text;
}

const pageStyle = `
:root { color-scheme: light dark }
body {
  background: var(--oauth-background, light-dark(#f8fafc, #0f172a));
  color: var(--oauth-text, ${lightDark(inks)});
  display: grid; font: 1rem/1.5 var(--oauth-font, system-ui, sans-serif); margin: 0;
  min-height: 100vh; min-height: 100svh; place-items: center;
}
main { box-sizing: border-box; max-width: 25rem; padding: 2.5rem 1.25rem; width: 100% }
main:has(li:nth-child(9)) { max-width: 60rem }
h1 {
  font-size: 1.75rem; letter-spacing: -.01em; line-height: 1.2; margin: 0 0 1.75rem;
  overflow-wrap: anywhere; text-align: center; text-wrap: balance;
}
ul {
  display: grid; gap: .75rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 18rem), 1fr));
  list-style: none; margin: 0; padding: 0;
}
li, li > form { display: flex; flex-direction: column }
li > form, li .oauth-login { flex: 1 0 auto }
li:has(.oauth-question) { grid-column: 1 / -1; justify-self: center; max-width: 22.5rem; width: 100% }
p { margin: 0 0 1.5rem; overflow-wrap: anywhere; text-align: center; text-wrap: pretty }
.oauth-reference { font-size: .875rem }
.oauth-reference code { font-family: ui-monospace, monospace; letter-spacing: .05em; user-select: all }
main .oauth-on { grid-template-columns: 1fr }
details { font-size: .875rem; text-align: center }
summary {
  cursor: pointer; display: inline-block; line-height: 1.5rem; opacity: .8; padding: .625rem 1rem;
  text-decoration: underline; text-underline-offset: .25em;
}
summary:focus-visible { outline: 3px solid var(--oauth-focus, light-dark(#2563eb, #93c5fd)) }`;

/** The headers of a page of ours: its own styles and script, nothing else, in no frame and no cache. */
export async function pageHeaders(page: string): Promise<Record<string, string>> {
  const [style, script] = await Promise.all(['style', 'script'].map((tag) => sourceOf(page, tag)));
  return {
    'content-type': 'text/html; charset=utf-8',
    // No form-action: browsers would apply it to the redirect that follows, which leads to the provider.
    'content-security-policy': `default-src 'none'; style-src ${style}; script-src ${script}; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    // Not no-referrer: a form of such a page has an "Origin" of null.
    'referrer-policy': 'same-origin',
  };
}

/** What the first element of that name holds, as the source that a policy allows (CSP Level 3 §2.3.1). */
async function sourceOf(page: string, tag: string): Promise<string> {
  const start = page.indexOf(`<${tag}>`);
  // Styles of the application may speak of a tag that is none: it has no end.
  const end = start < 0 ? start : page.indexOf(`</${tag}>`, start);
  if (end < 0) return "'none'";
  const text = page.slice(start + tag.length + 2, end);
  return `'sha256-${toBase64(await sha256(text))}'`;
}
