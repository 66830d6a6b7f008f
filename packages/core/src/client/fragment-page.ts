import { html } from '../platform/html.js';

/** Posts the fragment to the same URL as a form. */
const script =
  "var f=document.forms[0];new URLSearchParams(location.hash.slice(1)).forEach(function(v,n){var i=document.createElement('input');i.type='hidden';i.name=n;i.value=v;f.appendChild(i)});history.replaceState(null,'',location.pathname+location.search);f.submit()";

/** The SHA-256 of the script, for the page's Content-Security-Policy. */
const scriptHash = 'sha256-P9yjeDQv+kDGjU3C2y+oRVl4YBcjC1igjDsLqmx6qLE=';

/** A page to return for a GET request of the callback. */
export interface FragmentPage {
  readonly html: string;
  /** Response headers for the page: they allow no other script and prevent caching. */
  readonly headers: Readonly<Record<string, string>>;
}

/** The words of the page. */
export interface FragmentTexts {
  /** Their language. Default: `en`. */
  lang?: string | undefined;
  /** Default: `Signing in`. */
  title?: string | undefined;
  /** Shown by browsers without JavaScript. Default: `This sign-in needs JavaScript.` */
  needsScript?: string | undefined;
}

/**
 * Creates the page for a callback with response mode `fragment`. Browsers do not send fragments to
 * servers, so the page posts the fragment to its own URL, to be read by `authorizeAccessToken`.
 *
 * @example
 * ```ts
 * app.get('/callback/corp', (req, res) => {
 *   const { html, headers } = fragmentPage();
 *   res.set(headers).send(html);
 * });
 * app.post('/callback/corp', async (req, res) => {
 *   const token = await oauth.corp.authorizeAccessToken(req, res);
 * });
 * ```
 * @see https://openid.net/specs/oauth-v2-multiple-response-types-1_0.html#ResponseModes
 */
export function fragmentPage({
  lang = 'en',
  title = 'Signing in',
  needsScript = 'This sign-in needs JavaScript.',
}: FragmentTexts = {}): FragmentPage {
  const head = html`<!doctype html>
    <html lang="${lang}" dir="auto">
      <meta charset="utf-8" /><meta name="viewport" content="width=device-width" /><meta
        name="color-scheme"
        content="light dark"
      /><title>${title}</title>
    </html>`;
  const body = html`<form method="post"></form>
    <noscript>${needsScript}</noscript>`;
  return {
    html: `${head}${body}<script>${script}</script></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src '${scriptHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  };
}
