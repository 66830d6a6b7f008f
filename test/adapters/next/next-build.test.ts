import { OAuth, createSession } from '@oauth-registry/next';
import { github } from '@oauth-registry/core/providers';
import { afterEach, describe, expect, it, vi } from 'vitest';

afterEach(() => vi.unstubAllEnvs());

const empty: [string, string | string[] | undefined][] = [
  ['an empty text', ''],
  ['a list of empty texts', ['', '']],
  ['a list of nothing', []],
  ['none', undefined],
];

describe('next build, whose variables are empty (ARG of an image)', () => {
  it.each(empty)('takes %s for a secret that only run time has', (_title, secret) => {
    vi.stubEnv('NEXT_PHASE', 'phase-production-build');
    for (const name of ['GITHUB_CLIENT_ID', 'GITHUB_CLIENT_SECRET']) vi.stubEnv(name, '');
    const oauth = new OAuth({ secret }).register('github', github());
    expect(oauth.github).toBeDefined();
    expect(createSession({ secret })).toBeDefined();
  });

  it.each(empty.slice(0, 2))('is not what a server is: there %s is refused', (_title, secret) => {
    expect(() => new OAuth({ config: {}, secret })).toThrow(/secret/);
  });
});
