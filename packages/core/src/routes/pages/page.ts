import { sha256 } from '../../platform/crypto.js';
import { toBase64 } from '../../platform/encoding.js';
import { loginButton, loginStyles, type Branded, type LoginButtonOptions } from './button.js';
import { inks, lightDark } from './colors.js';
import { html, Html } from './html.js';

/** Appearance of the pages of the routes. */
export interface PageLook {
  /** CSS added after the page's own, for example `:root { --oauth-background: #fffbeb }`. */
  styles?: string | undefined;
}

/** Options of the sign-in page. */
export interface LoginPageOptions extends Omit<LoginButtonOptions, 'label'>, PageLook {
  /** The page's heading. Default: `Sign in`. */
  title?: string | undefined;
  /**
   * The page's language, for example `de`; it also determines the text direction. Default: `en`.
   */
  lang?: string | undefined;
  /** Returns the text of a button for a provider name. Default: `Continue with` and the name. */
  label?: ((name: string) => string) | undefined;
}

/** Renders the sign-in page, with a button for each client. */
export function loginPage(clients: readonly Branded[], options: LoginPageOptions = {}): string {
  const { title = 'Sign in', lang, label, styles, ...how } = options;
  const buttons = clients.map((client) => {
    const own = label && { label: label(client.options.displayName ?? client.name) };
    return html`<li>${loginButton(client, { ...how, ...own })}</li>`;
  });
  // VoiceOver ignores a list without bullets unless it has an explicit role.
  const list = html`<ul role="list">
    ${buttons}
  </ul>`;
  const none = html`<p>There is nothing to sign in with yet.</p>`;
  const head = { title, lang, styles: [loginStyles(clients), styles] };
  return wholePage(head, buttons.length > 0 ? list : none);
}

/** The content of a message page. */
export interface Message {
  title: string;
  message: string;
  /** The reference in the operator's log. */
  reference?: string | undefined;
  /** Details for developers. */
  details?: string | undefined;
  /** The link to the next step. */
  on: { href: string; text: string };
  /** HTML that notifies the page that opened the popup. */
  notice?: Html | undefined;
}

/** Renders a message page with one link. */
export function messagePage(said: Message, look: PageLook): string {
  const { title, message, reference, details, on, notice } = said;
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
      }${notice}`,
  );
}

interface Head {
  title: string;
  lang?: string | undefined;
  styles: readonly (string | undefined)[];
}

/** Right-to-left languages. */
const rightToLeft = /^(?:ar|arc|ckb|dv|fa|he|iw|ks|nqo|ps|sd|syr|ug|ur|yi)(?:-|$)/i;

function wholePage({ title, lang = 'en', styles }: Head, body: Html): string {
  // Text that would close the element can only be a mistake: CSS contains it only in strings.
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

/**
 * Returns the headers of a page: they allow only its own styles and script, and forbid framing and
 * caching.
 */
export async function pageHeaders(page: string): Promise<Record<string, string>> {
  const [style, script] = await Promise.all(['style', 'script'].map((tag) => sourceOf(page, tag)));
  return {
    'content-type': 'text/html; charset=utf-8',
    // No form-action: browsers would also apply it to the redirect to the provider.
    'content-security-policy': `default-src 'none'; style-src ${style}; script-src ${script}; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    // Not no-referrer: the "Origin" of a form on such a page would be null.
    'referrer-policy': 'same-origin',
  };
}

/** Returns the CSP hash source of the first element with that tag (CSP Level 3 §2.3.1). */
async function sourceOf(page: string, tag: string): Promise<string> {
  const start = page.indexOf(`<${tag}>`);
  // The application's styles may mention a tag without an end.
  const end = start < 0 ? start : page.indexOf(`</${tag}>`, start);
  if (end < 0) return "'none'";
  const text = page.slice(start + tag.length + 2, end);
  return `'sha256-${toBase64(await sha256(text))}'`;
}
