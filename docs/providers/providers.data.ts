import { createContentLoader } from 'vitepress';

export interface ProviderEntry {
  /** The name of the preset. */
  name: string;
  title: string;
  /** The protocols, as the page of the provider says. */
  protocol: string;
}

declare const data: ProviderEntry[];
export { data };

export default createContentLoader('providers/*.md', {
  includeSrc: true,
  transform: (pages): ProviderEntry[] =>
    pages
      .flatMap(({ src = '' }) => {
        const [, title = '', name] = /^# (.+) \(`([\w-]+)`\)$/m.exec(src) ?? [];
        const protocol = /^(OAuth|OpenID)[^\n.]*(?:\.\d[^\n.]*)*/m.exec(src)?.[0] ?? '';
        return name === undefined ? [] : [{ name, title, protocol }];
      })
      .toSorted((a, b) => a.title.localeCompare(b.title, 'en')),
});
