import { existsSync, statSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownOptions } from 'vitepress';

type Markdown = Parameters<NonNullable<MarkdownOptions['config']>>[0];

const docs = join(import.meta.dirname, '..');
const root = join(docs, '..');
export const repository = 'https://github.com/oauth-registry/oauth-registry';

/**
 * The pages link to files relatively, as GitHub shows them. On the site, links to files outside of `docs` lead to the
 * repository, and links to folders lead to their first page.
 */
export function repositoryLinks(md: Markdown): void {
  const render = md.renderer.rules.link_open;
  // markdown-it calls a rule with five arguments.
  // oxlint-disable-next-line max-params
  md.renderer.rules.link_open = (tokens, index, options, env: { relativePath?: string }, self) => {
    const token = tokens[index];
    const href = token?.attrGet('href') ?? '';
    if (token && env.relativePath !== undefined && !/^(?:[a-z]+:|#|\/)/i.test(href)) {
      token.attrSet('href', siteLink(href, dirname(join(docs, env.relativePath))));
    }
    return render
      ? render(tokens, index, options, env, self)
      : self.renderToken(tokens, index, options);
  };
}

function siteLink(href: string, folder: string): string {
  const [path = '', hash] = href.split('#');
  const target = join(folder, decodeURI(path));
  const anchor = hash === undefined ? '' : `#${hash}`;
  if (!target.startsWith(`${docs}/`) && target !== docs) {
    const kind = existsSync(target) && statSync(target).isDirectory() ? 'tree' : 'blob';
    return `${repository}/${kind}/main/${relative(root, target)}${anchor}`;
  }
  const isFolder = existsSync(target) && statSync(target).isDirectory();
  if (isFolder) return `${path.replace(/\/$/, '')}/index.md${anchor}`;
  return `${path.replace(/(^|\/)README\.md$/, '$1index.md')}${anchor}`;
}
