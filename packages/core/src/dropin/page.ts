import { sha256 } from '../crypto.js';
import { toBase64 } from '../encoding.js';
import { loginButton, loginStyles, type Branded, type LoginButtonOptions } from './button.js';
import { html, Html } from './html.js';

/** How the sign-in page is written. */
export interface LoginPageOptions extends Omit<LoginButtonOptions, 'label'> {
  /** The page's heading. Default `Sign in`. */
  title?: string | undefined;
  /** The page's language. Default `en`. */
  lang?: string | undefined;
}

/** Writes the whole sign-in page: a button for each client. */
export function loginPage(clients: readonly Branded[], options: LoginPageOptions = {}): string {
  const { title = 'Sign in', lang, ...how } = options;
  const buttons = clients.map((client) => html`<li>${loginButton(client, how)}</li>`);
  const body = html`<ul>
    ${buttons}
  </ul>`;
  return wholePage({ title, lang, styles: loginStyles(clients) }, body);
}

/** Writes a page that says what happened, with one way on. */
export function messagePage(page: { title: string; message: string; on: Html }): string {
  return wholePage(
    { title: page.title, styles: loginStyles([]) },
    html`<p>${page.message}</p>
      <p>${page.on}</p>`,
  );
}

interface Head {
  title: string;
  lang?: string | undefined;
  styles: string;
}

function wholePage({ title, lang = 'en', styles }: Head, body: Html): string {
  return html`<!doctype html>
    <html lang="${lang}">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="referrer" content="no-referrer" />
        <meta name="color-scheme" content="light dark" />
        <title>${title}</title>
        ${new Html(`<style>${pageStyle}${styles}</style>`)}
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
  color: var(--oauth-text, light-dark(#0f172a, #e2e8f0));
  display: grid; font: 1rem/1.5 var(--oauth-font, system-ui, sans-serif); margin: 0; min-height: 100vh;
  place-items: center;
}
main { box-sizing: border-box; max-width: 24rem; padding: 2rem 1.25rem; width: 100% }
h1 { font-size: 1.5rem; line-height: 1.2; margin: 0 0 1.5rem; text-align: center }
ul { display: grid; gap: .75rem; list-style: none; margin: 0; padding: 0 }
p { overflow-wrap: anywhere; text-align: center }
p a { color: inherit }`;

/** The headers of a page of ours: its own styles, nothing else, in no frame and no cache. */
export async function pageHeaders(page: string): Promise<Record<string, string>> {
  const style = /<style>(.*?)<\/style>/s.exec(page)?.[1] ?? '';
  const hash = toBase64(await sha256(style));
  return {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; frame-ancestors 'none'`,
    'x-content-type-options': 'nosniff',
    'cache-control': 'private, no-store',
    'referrer-policy': 'no-referrer',
  };
}
