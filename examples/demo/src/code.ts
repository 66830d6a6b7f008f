import { html, type Html } from './html.js';

/** A step of the demo whose code its pages show. */
export type Step =
  'register' | 'start' | 'callback' | 'call' | 'refresh' | 'logout' | 'routes' | 'popup' | 'access';

const frameworks = { express: 'Express', fastify: 'Fastify', next: 'Next.js' } as const;

type Snippets = Record<keyof typeof frameworks, string>;

const everywhere = (code: string): Snippets => ({ express: code, fastify: code, next: code });

const registry = (name: string): string =>
  `import { OAuth } from '@oauth-registry/${name}';

const oauth = new OAuth({ baseUrl: 'http://localhost:3000' })
  .register('openid', { issuer: 'https://id.example', scope: 'openid profile email' })
  .register('github');`;

const snippets: Record<Step, Snippets> = {
  register: {
    express: registry('express'),
    fastify: registry('fastify'),
    next: registry('next').replace("3000' }", "3000', secret }"),
  },
  start: {
    express: `app.get('/login', (req, res) => oauth.openid.authorizeRedirect(req, res));`,
    fastify: `app.get('/login', (request, reply) => oauth.openid.authorizeRedirect(request, reply));`,
    next: `// app/login/route.ts
export const GET = (request: Request) => oauth.openid.authorizeRedirect(request);`,
  },
  callback: {
    express: `app.get('/callback/openid', async (req, res) => {
  const token = await oauth.openid.authorizeAccessToken(req, res);
  req.session.regenerate(() => {
    Object.assign(req.session, { token });
    res.redirect('/');
  });
});`,
    fastify: `app.get('/callback/openid', async (request, reply) => {
  const token = await oauth.openid.authorizeAccessToken(request, reply);
  await request.session.regenerate();
  Object.assign(request.session, { token });
  return reply.redirect('/');
});`,
    next: `// app/callback/openid/route.ts
export async function GET(request: Request) {
  const { userinfo } = await oauth.openid.authorizeAccessToken(request);
  await setSession({ user: userinfo });
  redirect('/');
}`,
  },
  call: everywhere(`const response = await oauth.openid.get('/me', { token });
const profile = await response.json();`),
  refresh: everywhere(`// With a token store this happens by itself, before the token expires.
const fresh = await oauth.openid.refreshToken(token);`),
  routes: {
    express: `app.use('/auth', oauth.routes({ onLogin: ({ identity, request }) => void (request.session.user = identity) }));`,
    fastify: `await app.register(
  oauth.routes({ onLogin: ({ identity, request }) => void (request.session.user = identity) }),
  { prefix: '/auth' },
);`,
    next: `// app/auth/[...path]/route.ts
export const { GET, POST } = oauth.routes({ onLogin: ({ identity }) => setSession({ user: identity }) });`,
  },
  popup: everywhere(`import { login } from '@oauth-registry/core/browser';

button.onclick = async () => {
  const user = await login('openid');
  location.reload();
};`),
  access: everywhere(`import { access } from '@oauth-registry/core/browser';

// The routes allow it: access: { openid: ['/me'] }
const response = await access('openid', '/me');`),
  logout: {
    express: `app.post('/logout', (req, res) => req.session.destroy(() => res.redirect(303, '/')));`,
    fastify: `app.post('/logout', async (request, reply) => {
  await request.session.destroy();
  return reply.redirect('/', 303);
});`,
    next: `// app/logout/route.ts
export async function POST() {
  await clearSession();
  redirect('/');
}`,
  },
};

/** Renders the choice of the framework whose code is shown. It needs no script. */
export function frameworkChoice(): Html {
  return html`<fieldset class="frameworks">
    <legend>Show the code for</legend>
    ${Object.entries(frameworks).map(
      ([name, title], index) =>
        html`<label
          ><input
            type="radio"
            name="framework"
            id="code-${name}"
            ${index === 0 ? html`checked` : undefined}
          />${title}</label
        >`,
    )}
  </fieldset>`;
}

/** Renders the code of a step for each framework, folded. The choice shows one of them. */
export function codeOf(step: Step, title: string): Html {
  return html`<details class="code">
    <summary>Show the code: ${title}</summary>
    ${Object.entries(snippets[step]).map(
      ([name, code]) =>
        html`<pre class="${name}" tabindex="0" aria-label="${title}"><code>${code}</code></pre>`,
    )}
  </details>`;
}
