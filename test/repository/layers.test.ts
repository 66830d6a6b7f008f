import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';

const root = new URL('../..', import.meta.url).pathname;
const core = join(root, 'packages/core/src');
const adapters = ['express', 'fastify', 'next', 'web'];

/**
 * The folders of core, from the lowest layer up: a folder imports from those above it in this list. Folders of one
 * line are beside each other and never meet.
 */
const layers: readonly (readonly string[])[] = [
  ['model'],
  ['platform'],
  ['stores', 'quirks'],
  ['options'],
  ['protocols'],
  ['protocols/oauth1', 'protocols/oauth2', 'protocols/openid2', 'providers'],
  ['client'],
  ['routes'],
  ['registry'],
  ['adapter'],
  ['inspect'],
  ['.'],
];

/** What each module may import from outside the project. */
const packages = ['jose', 'openid-client'];

interface Import {
  from: string;
  to: string;
}

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts') && !/\.test(-d)?\.ts$/.test(file))
    .toSorted();
}

/** Every import and re-export of a file, types included. */
function importsOf(folder: string, file: string): string[] {
  const text = readFileSync(join(folder, file), 'utf8');
  const found = text.matchAll(
    /^\s*(?:import|export)\b[^;'"]*?from\s*'([^']+)'|import\('([^']+)'\)/gm,
  );
  return [...found].map(([, plain, dynamic]) => plain ?? dynamic ?? '');
}

/** Imports between modules of core, as paths below its source folder. */
function internalImports(): Import[] {
  return sources(core).flatMap((from) =>
    importsOf(core, from)
      .filter((target) => target.startsWith('.'))
      .map((target) => ({
        from,
        to: relative(core, resolve(core, dirname(from), target)).replace(/\.js$/, '.ts'),
      })),
  );
}

/** The folder of the list that a module is in; entry points are in `.`. */
function layerFolderOf(file: string): string {
  const parts = dirname(file).split('/');
  return parts[0] === 'protocols' ? parts.slice(0, 2).join('/') : (parts[0] ?? '.');
}

function layerOf(file: string): number {
  const folder = layerFolderOf(file);
  const layer = layers.findIndex((folders) => folders.includes(folder));
  if (layer < 0)
    throw new Error(`${file} is in no layer; add "${folder}" to the list in this file.`);
  return layer;
}

function cycles(imports: Import[]): string[] {
  const found: string[] = [];
  const done = new Set<string>();
  function visit(file: string, path: string[]): void {
    if (path.includes(file)) found.push([...path.slice(path.indexOf(file)), file].join(' → '));
    if (path.includes(file) || done.has(file)) return;
    for (const { from, to } of imports) if (from === file) visit(to, [...path, file]);
    done.add(file);
  }
  for (const { from } of imports) visit(from, []);
  return found;
}

describe('layers of core', () => {
  it('gives every folder a layer, and imports go down or stay inside a folder', () => {
    const wrong = internalImports().filter(
      ({ from, to }) => layerFolderOf(to) !== layerFolderOf(from) && layerOf(to) >= layerOf(from),
    );
    expect(wrong).toEqual([]);
  });

  it('lists only folders that exist', () => {
    expect(layers.flat().filter((folder) => !existsSync(join(core, folder)))).toEqual([]);
  });

  it('has no two folders that import each other', () => {
    const arrows = new Set(
      internalImports()
        .map(({ from, to }) => [dirname(from), dirname(to)])
        .filter(([from, to]) => from !== to)
        .map(([from, to]) => `${from} → ${to}`),
    );
    const both = [...arrows].filter((arrow) => {
      const [from, to] = arrow.split(' → ');
      return arrows.has(`${to} → ${from}`);
    });
    expect(both).toEqual([]);
  });

  it('has only the entry points of package.json at its root', () => {
    const { exports } = JSON.parse(readFileSync(join(core, '../package.json'), 'utf8')) as {
      exports: Record<string, string | { default: string }>;
    };
    const entries = Object.values(exports)
      .map((target) => (typeof target === 'string' ? target : target.default))
      .map((target) => /^\.\/dist\/([\w-]+)\.js$/.exec(target)?.[1])
      .flatMap((name) => name ?? []);
    const atRoot = sources(core).filter((file) => !file.includes('/'));
    expect(atRoot).toEqual(entries.map((name) => `${name}.ts`).toSorted());
  });

  it('chooses an engine in one place: only engine-selection.ts knows them all', () => {
    const users = internalImports()
      .filter(
        ({ from, to }) =>
          /^protocols\/(?:oauth[12]|openid2)\/engine\.ts$/.test(to) &&
          !from.startsWith('protocols/'),
      )
      .map(({ from }) => from);
    expect(new Set(users)).toEqual(new Set(['registry/engine-selection.ts']));
  });

  it('has no cycles, types included', () => {
    expect(cycles(internalImports())).toEqual([]);
  });

  it('depends on openid-client and jose, and on no runtime', () => {
    const outside = sources(core).flatMap((from) =>
      importsOf(core, from)
        .filter(
          (target) => !target.startsWith('.') && !packages.includes(target.split('/')[0] ?? ''),
        )
        .map((to) => ({ from, to })),
    );
    expect(outside).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(core, '../package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies).toSorted()).toEqual(packages);
  });

  it('asks for modules of Node at run time, in few places and by one function', () => {
    const asking = sources(core).filter((file) =>
      /node:|getBuiltinModule/.test(withoutComments(readFileSync(join(core, file), 'utf8'))),
    );
    expect(asking).toEqual([
      'options/configuration.ts',
      'platform/crypto-functions.ts',
      'platform/encoding.ts',
      'platform/http/guarded.ts',
      'platform/http/node-modules.ts',
      'platform/jwt/node-signature.ts',
      'platform/node-builtins.ts',
      'platform/pem.ts',
      'platform/tracing/diagnostics-channel.ts',
      'providers/atproto/handle.ts',
    ]);
  });

  it('have the module for pages in one file, which imports nothing and which nothing imports', () => {
    const imports = internalImports().filter(
      ({ from, to }) => from === 'browser.ts' || to === 'browser.ts',
    );
    const text = readFileSync(join(core, 'browser.ts'), 'utf8');

    expect(imports.map(({ to }) => to)).toEqual(['model/user-info.ts']);
    expect([...text.matchAll(/^import (\w+)/gm)].map(([, word]) => word)).toEqual(['type']);
  });

  it('speaks of no provider by name outside providers/', () => {
    // Names that are ordinary words, or words of a specification.
    const words = /^(box|line|linear|threads|zoom)$/;
    const spelt = names.filter((name) => !words.test(name));
    const spoken = new RegExp(`\\b(${spelt.join('|')})\\b`, 'i');
    const named = sources(core)
      .filter((file) => !/^providers(?:\/|\.ts$)/.test(file))
      .map((file) => [
        file,
        spoken.exec(withoutComments(readFileSync(join(core, file), 'utf8')))?.[0],
      ])
      .filter(([, name]) => name !== undefined);
    expect(named).toEqual([]);
  });
});

describe('layers of the adapters', () => {
  it.each(adapters)('%s imports core by its public name', (name) => {
    const folder = join(root, 'packages', name, 'src');
    const files = readdirSync(join(root, 'packages', name)).includes('src') ? sources(folder) : [];
    const inner = files
      .flatMap((file) => importsOf(folder, file))
      .filter((target) => target.includes('core/') || target.startsWith('..'));
    expect(
      inner.filter(
        (target) => !/^@oauth-registry\/core(\/adapter|\/testing|\/types)?$/.test(target),
      ),
    ).toEqual([]);
  });
});

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}
