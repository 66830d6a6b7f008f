import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const core = join(root, 'packages/core/src');
const adapters = ['express', 'fastify', 'next'];

/** Which layer a module of core belongs to; the first pattern that fits decides. Imports go down. */
const layers: [pattern: RegExp, layer: number][] = [
  [/^((types|ports|errors|option-types|logout-types)\.ts$|option-types\/)/, 0],
  [/^((encoding|crypto|http|nearest|checks|pkcs8|private-key|options)\.ts$|(options|quirks)\/)/, 1],
  [/^(params|user-info)\.ts$/, 0],
  [/^(client-name|diagnostics|spans|phases)\.ts$/, 1],
  [/^dropin\/return-to\.ts$/, 1],
  [/^(oauth[12]|providers)\//, 2],
  [/^fragment-page\.ts$/, 3],
  [
    /^(call|client|client-logout|incoming|loaded-clients|login|resource|resource-client|user)\.ts$/,
    3,
  ],
  [/^(state|token|stores)\//, 3],
  [/^dropin\//, 4],
  [/^registry\.ts$/, 4],
  [/^(index|adapter\/index)\.ts$/, 5],
  [/^adapter\//, 4],
  [/^cli\//, 6],
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

function layerOf(file: string): number {
  const layer = layers.find(([pattern]) => pattern.test(file))?.[1];
  if (layer === undefined) throw new Error(`${file} has no layer; add it to the table.`);
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
  it('gives every module a layer, and imports go down or stay', () => {
    const upward = internalImports().filter(({ from, to }) => layerOf(to) > layerOf(from));
    expect(upward).toEqual([]);
  });

  it('keeps OAuth 1 and OAuth 2 from importing each other', () => {
    const crossing = internalImports().filter(
      ({ from, to }) => /^oauth\d\//.test(from) && /^oauth\d\//.test(to) && from[5] !== to[5],
    );
    expect(crossing).toEqual([]);
  });

  it('chooses an engine in one place: only the registry knows both', () => {
    const users = internalImports()
      .filter(({ from, to }) => /^oauth[12]\/app\.ts$/.test(to) && !from.startsWith('oauth'))
      .map(({ from }) => from);
    expect(new Set(users)).toEqual(new Set(['index.ts', 'registry.ts']));
  });

  it('has no cycles, types included', () => {
    expect(cycles(internalImports())).toEqual([]);
  });

  it('depends on openid-client and jose, and on no runtime but for the command line', () => {
    const outside = sources(core).flatMap((from) =>
      importsOf(core, from)
        .filter((target) => !target.startsWith('.') && !packages.includes(target))
        .filter((target) => !(from.startsWith('cli/') && target.startsWith('node:')))
        .map((to) => ({ from, to })),
    );
    expect(outside).toEqual([]);
    const manifest = JSON.parse(readFileSync(join(core, '../package.json'), 'utf8')) as {
      dependencies: Record<string, string>;
    };
    expect(Object.keys(manifest.dependencies).toSorted()).toEqual(packages);
  });

  it('asks for modules of Node at run time, in two places', () => {
    const asking = sources(core)
      .filter((file) => !file.startsWith('cli/'))
      .filter((file) =>
        /node:|getBuiltinModule/.test(withoutComments(readFileSync(join(core, file), 'utf8'))),
      );
    expect(asking).toEqual(['diagnostics.ts', 'oauth1/hmac.ts']);
  });

  it('speaks of no provider by name outside providers/', () => {
    const names = /\b(github|google|facebook|twitter|linkedin|slack|mastodon|bluesky|shopify)\b/i;
    const named = sources(core)
      .filter((file) => !file.startsWith('providers/'))
      .filter((file) => names.test(withoutComments(readFileSync(join(core, file), 'utf8'))));
    expect(named).toEqual([]);
  });

  it('keeps modules within 250 lines', () => {
    const long = sources(core)
      .map((file) => ({
        file,
        lines: readFileSync(join(core, file), 'utf8').split('\n').length - 1,
      }))
      .filter(({ lines }) => lines > 250);
    expect(long).toEqual([]);
  });
});

describe('layers of the adapters', () => {
  it.each(adapters)('%s imports core by its public name, and stays thin', (name) => {
    const folder = join(root, 'packages', name, 'src');
    const files = readdirSync(join(root, 'packages', name)).includes('src') ? sources(folder) : [];
    const inner = files
      .flatMap((file) => importsOf(folder, file))
      .filter((target) => target.includes('core/') || target.startsWith('..'));
    expect(
      inner.filter((target) => !/^@oauth-registry\/core(\/adapter|\/testing)?$/.test(target)),
    ).toEqual([]);
    const code = files
      .map((file) => withoutComments(readFileSync(join(folder, file), 'utf8')))
      .join('\n');
    expect(code.split('\n').filter((line) => line.trim() !== '').length).toBeLessThanOrEqual(150);
  });
});

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}
