import { existsSync, readdirSync, readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

type Item = DefaultTheme.SidebarItem;

/** The groups of the sidebar. Every page of `docs` is in one of them; a test compares. */
export const groups: Record<string, readonly string[]> = {
  Start: ['quickstart', 'concepts', 'guide', 'login'],
  Frameworks: [
    'express',
    'fastify',
    'next',
    'web',
    'sveltekit',
    'koa',
    'nest',
    'deployment',
    'runtimes',
  ],
  'Logged-in users': ['guards', 'logout', 'browser'],
  'Tokens and APIs': ['tokens', 'refresh', 'connections', 'sdks', 'service-accounts', 'oauth2'],
  Protocols: ['openid', 'oauth1', 'openid2', 'specs'],
  Providers: ['custom-providers', 'servers', 'bluesky-indieauth', 'mcp'],
  Tools: ['cli', 'testing', 'writing-an-adapter', 'adapter-contract'],
  Reference: ['options', 'errors', 'security', 'troubleshooting'],
  'Coming from': ['authlib', 'coming-from', 'converted'],
  Project: ['comparison', 'performance', 'conformance', 'parity'],
};

const docs = new URL('../', import.meta.url);

/** The title of a page: its first heading. */
function titleOf(page: string): string {
  const text = readFileSync(new URL(`${page}.md`, docs), 'utf8');
  return /^# (.+)$/m.exec(text)?.[1]?.replaceAll('`', '') ?? page;
}

const folderItems = (folder: string): Item[] =>
  readdirSync(new URL(`${folder}/`, docs))
    .filter((file) => file.endsWith('.md') && !/^(?:README|index)\.md$/.test(file))
    .map((file) => file.slice(0, -'.md'.length))
    .map((name) => ({ text: titleOf(`${folder}/${name}`), link: `/${folder}/${name}` }));

/** The pages that TypeDoc wrote, if it ran. */
function apiItems(): Item[] {
  const folder = new URL('api/', docs);
  if (!existsSync(folder)) return [];
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.md') && file !== 'index.md')
    .map((file) => file.slice(0, -'.md'.length))
    .toSorted()
    .map((name) => ({ text: name.replace('@oauth-registry/', ''), link: `/api/${name}` }));
}

const main: Item[] = Object.entries(groups).map(([text, pages]) => ({
  text,
  items: [
    ...(text === 'Providers' ? [{ text: 'All providers', link: '/providers/' }] : []),
    ...pages.map((page) => ({ text: titleOf(page), link: `/${page}` })),
    ...(text === 'Reference' ? [{ text: 'API', link: '/api/' }] : []),
    ...(text === 'Start' ? [{ text: 'Tutorials', link: '/tutorials/' }] : []),
    ...(text === 'Project' ? [{ text: 'Decisions', link: '/decisions/' }] : []),
  ],
}));

export const sidebar: DefaultTheme.SidebarMulti = {
  '/providers/': [
    { text: 'All providers', link: '/providers/' },
    { text: 'Providers', items: folderItems('providers') },
  ],
  '/tutorials/': [{ text: 'Tutorials', link: '/tutorials/', items: folderItems('tutorials') }],
  '/decisions/': [{ text: 'Decisions', link: '/decisions/', items: folderItems('decisions') }],
  '/api/': [{ text: 'API', link: '/api/', items: apiItems() }],
  '/': main,
};
