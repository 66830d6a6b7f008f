import * as living from '../../packages/core/src/providers/living.js';
import { format, resolveConfig } from 'prettier';
import * as icons from 'simple-icons';
import { optimize, type PluginConfig } from 'svgo';
import { describe, expect, it } from 'vitest';

/** Where simple-icons knows a provider by another name than its preset. */
const slugs: Record<string, string> = {
  battlenet: 'battledotnet',
  tumblr_oauth2: 'tumblr',
  twitter: 'x',
  twitter_v2: 'x',
  vkid: 'vk',
  weibo: 'sinaweibo',
  wikimedia: 'wikimediafoundation',
  wikimedia_oauth1: 'wikimediafoundation',
};

const paths = new Map(
  Object.values(icons as object as Record<string, icons.SimpleIcon>).map(({ slug, path }) => [
    slug,
    rounded(path),
  ]),
);

/** Rounds a path to tenths, which saves half of it; a button is 20 pixels high. */
function rounded(path: string): string {
  const params = { floatPrecision: 1, makeArcs: false };
  const plugins = [{ name: 'convertPathData', params } as object as PluginConfig];
  const { data } = optimize(`<svg xmlns="http://www.w3.org/2000/svg"><path d="${path}"/></svg>`, {
    plugins,
  });
  return / d="([^"]*)"/.exec(data)?.[1] ?? '';
}

/** A mark takes a kilobyte of the package: other presets have a tile with their first letter. */
const marks = Object.entries(living)
  .filter(([, preset]) => preset().mark !== undefined)
  .map(([name]) => [name, paths.get(slugs[name] ?? name)] as const);

describe('the marks of the providers', () => {
  it('[D6] are those of simple-icons, rounded; `pnpm marks` writes them anew', async () => {
    const lines = marks.map(([name, path]) => `export const ${name} =\n  '${path}';\n`);
    const head =
      '// Written by `pnpm marks` from simple-icons (CC0): SVG paths in a square of 24 by 24.\n';
    const file = '../../packages/core/src/providers/definition/marks.ts';
    const style = await resolveConfig(import.meta.filename);
    const text = await format(head + lines.join(''), { ...style, parser: 'typescript' });
    await expect(text).toMatchFileSnapshot(file);
  });

  it.each(marks)('[D6] is in the preset %s', (name, path) => {
    const preset = new Map(Object.entries(living)).get(name) as
      (() => { mark?: string }) | undefined;
    expect(preset?.().mark).toBe(path);
  });
});
