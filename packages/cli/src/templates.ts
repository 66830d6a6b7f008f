/** An application: its files, what it needs, and how it starts. */
export interface Template {
  files: Record<string, string>;
  dependencies: Record<string, string>;
  devDependencies: Record<string, string>;
  scripts: Record<string, string>;
  /** Whether its build tool reads the sources, whatever the `type` of package.json. */
  isBuilt?: boolean;
}

/** A framework that `init` knows. */
export type Framework = 'express' | 'fastify' | 'hono' | 'next' | 'sveltekit';

/** The ports of the applications. */
export const ports: Readonly<Record<Framework, number>> = {
  express: 3000,
  fastify: 3000,
  hono: 3000,
  next: 3000,
  sveltekit: 5173,
};

const core = { '@oauth-registry/core': '^0.1.0' };
const tools = { tsx: '^4.20.0', typescript: '^5.9.0', '@types/node': '^20.19.0' };
const scripts = { dev: 'tsx watch --env-file=.env app.ts', start: 'tsx --env-file=.env app.ts' };

/** The applications of the quick start, for a preset. */
export const frameworks: Record<
  Framework,
  (provider: string, variables: readonly string[]) => Template
> = {
  express: (provider, variables) => ({
    files: {
      'oauth.ts': registry('express', { provider, variables, more: '' }),
      'app.ts': `import express from 'express';
import session from 'express-session';
import { oauth } from './oauth.js';

const app = express();
app.use(session({ secret: process.env.SESSION_SECRET ?? '', resave: false, saveUninitialized: false }));
app.get('/login', (req, res) => oauth.${provider}.authorizeRedirect(req, res));
app.get('/callback/${provider}', async (req, res) => {
  const { userinfo } = await oauth.${provider}.authorizeAccessToken(req, res);
  req.session.regenerate(() => {
    Object.assign(req.session, { user: userinfo });
    res.redirect('/');
  });
});
app.get('/', (req, res) => void res.json(Object(req.session).user ?? 'Open /login'));
app.listen(3000, () => console.log('Open http://localhost:3000/login'));
`,
    },
    dependencies: {
      ...core,
      '@oauth-registry/express': '^0.1.0',
      express: '^5.1.0',
      'express-session': '^1.18.0',
    },
    devDependencies: { ...tools, '@types/express': '^5.0.0', '@types/express-session': '^1.18.0' },
    scripts,
  }),
  fastify: (provider, variables) => ({
    files: {
      'oauth.ts': registry('fastify', { provider, variables, more: '' }),
      'app.ts': `import cookie from '@fastify/cookie';
import session from '@fastify/session';
import { fastifyOAuth } from '@oauth-registry/fastify';
import Fastify from 'fastify';
import { oauth } from './oauth.js';

const app = Fastify();
await app.register(cookie);
await app.register(session, {
  secret: process.env.SESSION_SECRET ?? '',
  saveUninitialized: false,
  cookie: { secure: 'auto' },
});
await app.register(fastifyOAuth, { oauth });
app.get('/login', (request, reply) => oauth.${provider}.authorizeRedirect(request, reply));
app.get('/callback/${provider}', async (request, reply) => {
  const { userinfo } = await oauth.${provider}.authorizeAccessToken(request, reply);
  await request.session.regenerate();
  Object.assign(request.session, { user: userinfo });
  return reply.redirect('/');
});
app.get('/', (request) => Object(request.session).user ?? { open: '/login' });
await app.listen({ port: 3000 });
console.log('Open http://localhost:3000/login');
`,
    },
    dependencies: {
      ...core,
      '@oauth-registry/fastify': '^0.1.0',
      fastify: '^5.2.0',
      '@fastify/cookie': '^11.0.0',
      '@fastify/session': '^11.0.0',
    },
    devDependencies: tools,
    scripts,
  }),
  hono: (provider, variables) => ({
    files: {
      'oauth.ts':
        `${registry('web', { provider, variables, more: ', secret: process.env.SESSION_SECRET' })}
export const { getSession, setSession } = createSession<{ user: object }>({
  secret: process.env.SESSION_SECRET,
  secure: process.env.NODE_ENV === 'production',
});
`.replace('import { OAuth }', 'import { createSession, OAuth }'),
      'app.ts': `import { serve } from '@hono/node-server';
import { Hono } from 'hono';
import { getSession, oauth, setSession } from './oauth.js';

const app = new Hono();
app.get('/login', (c) => oauth.${provider}.authorizeRedirect(c.req.raw));
app.get('/callback/${provider}', async (c) => {
  const at = { request: c.req.raw, headers: c.res.headers };
  const { userinfo } = await oauth.${provider}.authorizeAccessToken(at);
  await setSession({ user: userinfo ?? {} }, at);
  return c.redirect('/');
});
app.get('/', async (c) => c.json((await getSession(c.req.raw))?.user ?? 'Open /login'));
serve({ fetch: app.fetch, port: 3000 }, () => console.log('Open http://localhost:3000/login'));
`,
    },
    dependencies: {
      ...core,
      '@oauth-registry/web': '^0.1.0',
      hono: '^4.6.0',
      '@hono/node-server': '^1.13.0 || ^2.0.0',
    },
    devDependencies: tools,
    scripts,
  }),
  next: (provider, variables) => ({
    files: {
      'oauth.ts':
        `${registry('next', { provider, variables, more: ', secret: process.env.SESSION_SECRET' })}
export const { getSession, setSession } = createSession<{ user: object }>({
  secret: process.env.SESSION_SECRET,
  secure: process.env.NODE_ENV === 'production',
});
`.replace('import { OAuth }', 'import { createSession, OAuth }'),
      'app/layout.tsx': `export default function Layout({ children }: { children: React.ReactNode }) {
  return (
    <html lang="en">
      <body>{children}</body>
    </html>
  );
}
`,
      'app/page.tsx': `import { getSession } from '../oauth';

export default async function Page() {
  const session = await getSession();
  return session ? <pre>{JSON.stringify(session.user, undefined, 2)}</pre> : <a href="/login">Log in</a>;
}
`,
      'app/login/route.ts': `import { oauth } from '../../oauth';

export const GET = (request: Request) => oauth.${provider}.authorizeRedirect(request);
`,
      [`app/callback/${provider}/route.ts`]: `import { redirect } from 'next/navigation';
import { oauth, setSession } from '../../../oauth';

export async function GET(request: Request) {
  const { userinfo } = await oauth.${provider}.authorizeAccessToken(request);
  await setSession({ user: userinfo ?? {} });
  redirect('/');
}
`,
      'tsconfig.json': `${JSON.stringify({ compilerOptions: { target: 'es2023', lib: ['dom', 'es2023'], module: 'esnext', moduleResolution: 'bundler', jsx: 'react-jsx', strict: true, noEmit: true, skipLibCheck: true, incremental: true, isolatedModules: true, esModuleInterop: true, resolveJsonModule: true, plugins: [{ name: 'next' }] }, include: ['**/*.ts', '**/*.tsx', 'next-env.d.ts', '.next/types/**/*.ts'], exclude: ['node_modules'] }, undefined, 2)}\n`,
    },
    dependencies: {
      ...core,
      '@oauth-registry/next': '^0.1.0',
      '@oauth-registry/web': '^0.1.0',
      next: '^16.0.0',
      react: '^19.0.0',
      'react-dom': '^19.0.0',
    },
    devDependencies: { typescript: '^5.9.0', '@types/node': '^20.19.0', '@types/react': '^19.0.0' },
    scripts: { dev: 'next dev', build: 'next build', start: 'next start' },
    isBuilt: true,
  }),
  sveltekit: (provider, variables) => ({
    files: {
      'src/lib/oauth.server.ts': `import { building } from '$app/environment';
import { env } from '$env/dynamic/private';
import { createSession, OAuth } from '@oauth-registry/web';

// The options are in the environment, which a build does not have: ${variables.join(', ')}.
const build = { SESSION_SECRET: 'x'.repeat(32), ${variables.map((name) => `${name}: 'x'`).join(', ')} };
const config: Record<string, string | undefined> = building ? build : env;
const secret = config['SESSION_SECRET'];
export const oauth = new OAuth({ baseUrl: 'http://localhost:5173', secret, config }).register('${provider}');
export const { getSession, setSession } = createSession<{ user: object }>({
  secret,
  secure: config['NODE_ENV'] === 'production',
});
`,
      'src/routes/login/+server.ts': `import { oauth } from '$lib/oauth.server';

export const GET = ({ request }: { request: Request }) => oauth.${provider}.authorizeRedirect(request);
`,
      [`src/routes/callback/${provider}/+server.ts`]: `import { oauth, setSession } from '$lib/oauth.server';

export async function GET({ request }: { request: Request }) {
  const at = { request, headers: new Headers({ location: '/' }) };
  const { userinfo } = await oauth.${provider}.authorizeAccessToken(at);
  await setSession({ user: userinfo ?? {} }, at);
  return new Response(null, { status: 303, headers: at.headers });
}
`,
      'src/routes/+page.server.ts': `import { getSession } from '$lib/oauth.server';

export const load = async ({ request }: { request: Request }) => ({
  user: JSON.stringify((await getSession(request))?.user ?? null),
});
`,
      'src/routes/+page.svelte': `<script lang="ts">
  const { data } = $props();
</script>

<p>{data.user}</p>
<a href="/login" data-sveltekit-reload data-sveltekit-preload-data="off">Log in</a>
`,
      'src/app.html': `<!doctype html>
<html lang="en">
  <head>%sveltekit.head%</head>
  <body>%sveltekit.body%</body>
</html>
`,
      'svelte.config.js': `import adapter from '@sveltejs/adapter-node';

export default { kit: { adapter: adapter() } };
`,
      'vite.config.js': `import { sveltekit } from '@sveltejs/kit/vite';

export default { plugins: [sveltekit()] };
`,
      'tsconfig.json': `${JSON.stringify({ extends: './.svelte-kit/tsconfig.json', compilerOptions: { strict: true } }, undefined, 2)}\n`,
    },
    dependencies: { ...core, '@oauth-registry/web': '^0.1.0' },
    devDependencies: {
      '@sveltejs/adapter-node': '^5.2.0',
      '@sveltejs/kit': '^2.20.0',
      '@sveltejs/vite-plugin-svelte': '^6.0.0',
      svelte: '^5.0.0',
      typescript: '^5.9.0',
      vite: '^7.0.0',
    },
    scripts: { dev: 'vite dev', build: 'vite build' },
    isBuilt: true,
  }),
};

function registry(
  adapter: string,
  { provider, variables, more }: { provider: string; variables: readonly string[]; more: string },
): string {
  return `import { OAuth } from '@oauth-registry/${adapter}';

// The options are in the environment: ${variables.join(', ')}.
export const oauth = new OAuth({ baseUrl: 'http://localhost:3000'${more} }).register('${provider}');
`;
}
