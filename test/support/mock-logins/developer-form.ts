/** The page with the login form: its headers, and its HTML for an authorization request. */
export const formPage = {
  headers: {
    'content-type': 'text/html; charset=utf-8',
    'cache-control': 'no-store',
    'content-security-policy':
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
  },
  html: (fields: readonly string[], params: URLSearchParams): string => `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width" />
    <title>Developer login</title>
    <style>body { font: 1rem/1.5 system-ui; max-width: 24rem; margin: 3rem auto } label, input { display: block; width: 100% } input { margin-bottom: 1rem }</style>
  </head>
  <body>
    <h1>Developer login</h1>
    <p>For development on this machine: log in as any user.</p>
    <form method="post" action="/?${escape(params.toString())}">
      ${fields.map((name) => field(name, params)).join('\n      ')}
      <button>Log in</button>
      <button name="deny" value="1" formnovalidate>Deny</button>
    </form>
  </body>
</html>
`,
};

function field(name: string, params: URLSearchParams): string {
  const hint = name === 'sub' ? (params.get('login_hint') ?? '1') : '';
  const attributes = name === 'sub' ? ` value="${escape(hint)}" required maxlength="255"` : '';
  return `<label for="${name}">${name}</label><input id="${name}" name="${name}"${attributes} />`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`);
}
