import type { TokenStore } from '@oauth-registry/core/types';

/** A store that does what every store must: its `put` resolves to a boolean, and knows no `*`. */
export function requiredMethods(store: TokenStore): TokenStore {
  return {
    ...store,
    overwrites: false,
    put: async (key, entry, replaces) => {
      if (replaces === '*') return false;
      const there = await store.put(key, entry, replaces);
      return typeof there === 'boolean' ? there : there?.version === entry.version;
    },
  };
}
