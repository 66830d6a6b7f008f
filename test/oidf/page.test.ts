import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

const at = (path: string): string => new URL(path, import.meta.url).pathname;
const page = readFileSync(at('../../docs/conformance.md'), 'utf8');
const modules = JSON.parse(readFileSync(at('modules.json'), 'utf8')) as Record<string, string>;

/** The modules that tests bear in their titles. */
function tested(): string[] {
  const folders = ['.', '../contract/checks', '../logout'];
  const texts = folders.flatMap((folder) =>
    readdirSync(at(folder))
      .filter((file) => file.endsWith('.ts') && file !== 'page.test.ts')
      .map((file) => readFileSync(at(`${folder}/${file}`), 'utf8')),
  );
  const names = texts.flatMap((text) => [...text.matchAll(/oidcc-client-test[a-z0-9-]*[a-z0-9]/g)]);
  return [...new Set(names.map(([name]) => name))].toSorted();
}

describe('docs/conformance.md', () => {
  it('has every module that is tested; pnpm docs:conformance writes it anew', () => {
    expect(tested().filter((name) => !page.includes(`\`${name}\``))).toEqual([]);
  });

  it('says of every module what the provider does', () => {
    expect(tested().filter((name) => modules[name] === undefined)).toEqual([]);
  });

  it('tells of no failure', () => {
    expect(page).not.toContain('**failed**');
  });
});
