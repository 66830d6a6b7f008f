import { sha256 } from '../../platform/crypto.js';
import { toBase64 } from '../../platform/encoding.js';
import { loginButton, loginStyles, type Branded, type LoginButtonOptions } from './button.js';
import { html, Html } from '../../platform/html.js';
import { withFallback } from './colors.js';
import { directionOf } from './language.js';
import type { Look, PageLogo, PageLook } from './look.js';
import { pageStyle } from './page-style.js';
import type { Texts } from './texts.js';
import { colorsOf } from './theme.js';

/** Options of the sign-in page. */
export interface LoginPageOptions extends Omit<LoginButtonOptions, 'label'>, PageLook {
  /** The page's heading. Default: the text `signIn`. */
  title?: string | undefined;
  /** Returns the text of a button for a provider name. Default: the text `continueWith`. */
  label?: ((name: string) => string) | undefined;
}

/** What a sign-in page has besides its look. */
type Content = Omit<LoginPageOptions, keyof PageLook>;

/** Renders the sign-in page, with a button for each client. */
export function loginPage(clients: readonly Branded[], options: Content, look: Look): string {
  const { title = look.texts.signIn, label, ...how } = options;
  const buttons = clients.map((client) => {
    const own = label && { label: label(client.options.displayName ?? client.name) };
    const asks = (client.questions ?? []).length > 0;
    return html`<li class="${asks && 'oauth-asks'}">
      ${loginButton(client, { ...how, ...own }, look.texts)}
    </li>`;
  });
  // VoiceOver ignores a list without bullets unless it has an explicit role.
  const list = html`<ul role="list">
    ${buttons}
  </ul>`;
  const none = html`<p>${look.texts.noProviders}</p>`;
  return wholePage({ title, lang: look.lang, clients }, buttons.length > 0 ? list : none, look);
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
export function messagePage(said: Message, look: Look): string {
  const { title, message, reference, details, on, notice } = said;
  const { texts } = look;
  return wholePage(
    { title, lang: look.textLang, clients: [] },
    html`<p>${message}</p>
      <p><a class="oauth-login oauth-on" href="${on.href}">${on.text}</a></p>
      ${reference && html`<p class="oauth-reference">${referenceLine(reference, texts)}</p>`}${
        details &&
        html`<details>
          <summary>${texts.details}</summary>
          <p>${details}</p>
        </details>`
      }${notice}`,
    look,
  );
}

function referenceLine(reference: string, texts: Texts): Html[] {
  const [before, ...after] = texts.reference.split('{reference}');
  return [html`${before}<code>${reference}</code>${after}`];
}

interface Head {
  title: string;
  lang: string;
  clients: readonly Branded[];
}

function wholePage({ title, lang, clients }: Head, body: Html, look: Look): string {
  const { logo, links, theme, styles } = look;
  const around = { surface: colorsOf(theme, 'button'), ink: colorsOf(theme, 'buttonText') };
  // Text that would close the element can only be a mistake: CSS contains it only in strings.
  const css = [loginStyles(clients, around), withFallback(pageStyle), ...styles]
    .join('\n')
    .replaceAll('</', '<\\/');
  return html`<!doctype html>
    <html lang="${lang}" dir="${directionOf(lang)}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${new Html(`<style>${css}</style>`)}
      </head>
      <body>
        <main class="${clients.length > 8 && 'oauth-wide'}">
          ${logo && logoImage(logo)}
          <h1>${title}</h1>
          ${body}
        </main>
        ${
          links.length > 0 &&
          html`<footer>
            ${links.map(({ text, href }) => html`<a href="${href}" dir="auto">${text}</a> `)}
          </footer>`
        }
      </body>
    </html> `.text;
}

function logoImage({ src, dark, alt = '' }: PageLogo): Html {
  const image = html`<img class="oauth-logo" src="${src}" alt="${alt}" />`;
  return dark === undefined
    ? image
    : html`<picture>
        <source srcset="${dark}" media="(prefers-color-scheme: dark)" />
        ${image}</picture
      >`;
}

/**
 * Returns the headers of a page: they allow only its own styles, script and logo, and forbid framing
 * and caching.
 */
export async function pageHeaders(page: string, logo?: PageLogo): Promise<Record<string, string>> {
  const [style, script] = await Promise.all(['style', 'script'].map((tag) => sourceOf(page, tag)));
  return {
    'content-type': 'text/html; charset=utf-8',
    // No form-action: browsers would also apply it to the redirect to the provider.
    'content-security-policy': `default-src 'none'; style-src ${style}; script-src ${script}; ${imageSource(logo)}base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    // Not no-referrer: the "Origin" of a form on such a page would be null.
    'referrer-policy': 'same-origin',
  };
}

/** Returns the directive that allows a logo: this origin, or its URL without the query. */
function imageSource({ src, dark }: Partial<PageLogo> = {}): string {
  const sources = [src, dark].flatMap((url) => {
    if (url === undefined) return [];
    if (url.startsWith('/')) return "'self'";
    const { origin, pathname } = new URL(url);
    return origin + pathname.replaceAll(';', '%3B').replaceAll(',', '%2C');
  });
  return sources.length > 0 ? `img-src ${[...new Set(sources)].join(' ')}; ` : '';
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
