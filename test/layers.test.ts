import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { names } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname;
const core = join(root, 'packages/core/src');
const adapters = ['express', 'fastify', 'next'];

/** The modules of core, and its folders (`oauth2/`), from the lowest layer up; one a line, so that changes merge. */
// prettier-ignore
const modules: string[][] = [
  [
    // 0: shared words
    'types',
    'ports',
    'params',
    'user-info',
    'logout-types',
    'web-types',
    'option-types',
    'option-types/',
    'errors',
    'provider-words',
    'error-codes',
  ],
  [
    // 1: tools, and what options mean
    'http',
    'lifetime',
    'http-body',
    'sent-secrets',
    'guard',
    'guarded-fetch',
    'follow',
    'issuer-url',
    'cache',
    'crypto',
    'private-key',
    'pkcs8',
    'der',
    'signature-algorithms',
    'encoding',
    'checks',
    'nearest',
    'client-name',
    'runtime',
    'dropin/return-to',
    'phases',
    'store-failure',
    'in-time',
    'diagnostics',
    'spans',
    'options',
    'options/',
    'quirks/',
  ],
  [
    // 2: what does the protocol say? (they never meet)
    'oauth1/',
    'oauth2/',
    'openid2/',
    'providers/',
  ],
  [
    // 3: what happens in which order? where do logins wait?
    'client',
    'login',
    'incoming',
    'user',
    'client-logout',
    'client-document',
    'fragment-page',
    'loaded-clients',
    'resource-client',
    'resource',
    'call',
    'events',
    'login-events',
    'state/',
    'token/',
    'stores/',
  ],
  [
    // 4: which clients are there, and which engine has each?
    'registry',
    'named-clients',
    'client-types',
    'engines',
    'dropin/',
    'adapter/',
  ],
  [
    // 5: which names are public?
    'index',
    'adapter/index',
    'browser',
  ],
  [
    // 6: how does this framework, or a terminal, show requests and sessions?
    'express',
    'fastify',
    'next',
    'cli/',
  ],
];

const layers = new Map(
  modules.flatMap((layerModules, layer) => layerModules.map((name) => [name, layer] as const)),
);

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

/** A module's own name decides, or that of the nearest folder. */
function layerOf(file: string): number {
  const candidates = [file.replace(/\.ts$/, '')];
  for (let at = dirname(file); at !== '.'; at = dirname(at)) candidates.push(`${at}/`);
  const name = candidates.find((one) => layers.has(one));
  if (name === undefined) throw new Error(`${file} has no layer; add it to the list in this file.`);
  return Number(layers.get(name));
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

  it('lists only modules that exist', () => {
    const gone = [...layers.keys()].filter(
      (name) =>
        !adapters.includes(name) &&
        !existsSync(join(core, name.endsWith('/') ? name : `${name}.ts`)),
    );
    expect(gone).toEqual([]);
  });

  it('keeps OAuth 1, OAuth 2 and OpenID 2.0 from importing each other', () => {
    const protocolOf = (file: string) => /^(?:oauth[12]|openid2)(?=\/)/.exec(file)?.[0];
    const crossing = internalImports().filter(({ from, to }) => {
      const [one, other] = [protocolOf(from), protocolOf(to)];
      return one !== undefined && other !== undefined && one !== other;
    });
    expect(crossing).toEqual([]);
  });

  it('chooses an engine in one place: only engines.ts knows them all', () => {
    const users = internalImports()
      .filter(
        ({ from, to }) =>
          /^(?:oauth[12]|openid2)\/app\.ts$/.test(to) && !/^(?:oauth|openid)/.test(from),
      )
      .map(({ from }) => from);
    expect(new Set(users)).toEqual(new Set(['index.ts', 'engines.ts']));
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

  it('asks for modules of Node at run time, in four places and by one function', () => {
    const asking = sources(core)
      .filter((file) => !file.startsWith('cli/'))
      .filter((file) =>
        /node:|getBuiltinModule/.test(withoutComments(readFileSync(join(core, file), 'utf8'))),
      );
    expect(asking).toEqual([
      'diagnostics.ts',
      'guarded-fetch.ts',
      'oauth1/hmac.ts',
      'providers/hooks/atproto-handle.ts',
      'runtime.ts',
    ]);
  });

  it('keeps the module for pages in one file, which imports nothing and which nothing imports', () => {
    const imports = internalImports().filter(
      ({ from, to }) => from === 'browser.ts' || to === 'browser.ts',
    );
    const text = readFileSync(join(core, 'browser.ts'), 'utf8');

    expect(imports.map(({ to }) => to)).toEqual(['user-info.ts']);
    expect([...text.matchAll(/^import (\w+)/gm)].map(([, word]) => word)).toEqual(['type']);
  });

  it('speaks of no provider by name outside providers/', () => {
    // Names that are ordinary words, or words of a specification.
    const words = /^(box|line|linear|threads|zoom)$/;
    const spelt = names.filter((name) => !words.test(name));
    const spoken = new RegExp(`\\b(${spelt.join('|')})\\b`, 'i');
    const named = sources(core)
      .filter((file) => !file.startsWith('providers/'))
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
      inner.filter((target) => !/^@oauth-registry\/core(\/adapter|\/testing)?$/.test(target)),
    ).toEqual([]);
  });
});

function withoutComments(code: string): string {
  return code.replace(/\/\*[\s\S]*?\*\/|(?<=^|\s)\/\/.*$/gm, '');
}
