/** Sends what stands behind the `#` to the same address as a form. */
const script =
  "var f=document.forms[0];new URLSearchParams(location.hash.slice(1)).forEach(function(v,n){var i=document.createElement('input');i.type='hidden';i.name=n;i.value=v;f.appendChild(i)});history.replaceState(null,'',location.pathname+location.search);f.submit()";

/** The SHA-256 of the script, for the page's Content-Security-Policy. */
const scriptHash = 'sha256-P9yjeDQv+kDGjU3C2y+oRVl4YBcjC1igjDsLqmx6qLE=';

/** A page to answer a GET of the callback with. */
export interface FragmentPage {
  readonly html: string;
  /** What the page must be sent with: nothing else may run in it, and nothing may keep it. */
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * Makes the page for a callback in the `fragment`, which browsers do not send to servers: it posts the
 * fragment to its own address, where `authorizeAccessToken` finds it.
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
export function fragmentPage(): FragmentPage {
  return {
    html:
      '<!doctype html><html lang="en"><meta charset="utf-8"><title>Logging in</title>' +
      '<form method="post"></form>' +
      '<noscript>This login needs JavaScript.</noscript>' +
      `<script>${script}</script></html>`,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-security-policy': `default-src 'none'; script-src '${scriptHash}'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
    },
  };
}
