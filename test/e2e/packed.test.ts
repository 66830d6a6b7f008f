import { execFileSync } from 'node:child_process';
import {
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { rolldown } from 'rolldown';
import ts from 'typescript';
import { afterAll, beforeAll, expect, test } from 'vitest';

const root = join(import.meta.dirname, '../..');
const packages = ['core', 'express', 'fastify', 'next', 'web'];

/** An application in which only the packed packages and their dependencies are installed. */
let app: string;
const installed = (name: string): string => join(app, 'node_modules/@oauth-registry', name);

beforeAll(() => {
  app = mkdtempSync(join(realpathSync(tmpdir()), 'packed-'));
  writeFileSync(join(app, 'package.json'), '{ "type": "module" }');
  for (const name of packages) {
    const from = join(root, 'packages', name);
    const pack = ['pack', '--pack-destination', app];
    const file = execFileSync('pnpm', pack, { cwd: from, encoding: 'utf8' })
      .trim()
      .split('\n')
      .at(-1);
    const to = installed(name);
    mkdirSync(to, { recursive: true });
    execFileSync('tar', ['-xzf', file ?? '', '-C', to, '--strip-components=1'], { cwd: app });
    link(from);
  }
}, 120_000);
afterAll(() => rmSync(app, { recursive: true, force: true }));

/** Links what a package needs, as a package manager does. */
function link(from: string): void {
  const manifest = JSON.parse(readFileSync(join(from, 'package.json'), 'utf8')) as Record<
    string,
    Record<string, string> | undefined
  >;
  const { dependencies, peerDependencies, devDependencies } = manifest;
  const types = Object.keys(devDependencies ?? {}).filter((name) => name.startsWith('@types/'));
  const names = [...Object.keys({ ...dependencies, ...peerDependencies }), ...types];
  for (const name of names.filter((one) => !one.startsWith('@oauth-registry/'))) {
    const to = join(app, 'node_modules', name);
    mkdirSync(dirname(to), { recursive: true });
    rmSync(to, { force: true });
    symlinkSync(realpathSync(join(from, 'node_modules', name)), to);
  }
}

/** What an application may import from the packages. */
function entries(): string[] {
  return packages.flatMap((name) => {
    const { exports } = JSON.parse(readFileSync(join(installed(name), 'package.json'), 'utf8')) as {
      exports: Record<string, unknown>;
    };
    const paths = Object.keys(exports).filter((path) => path !== './package.json');
    const stores = readdirSync(join(installed('core'), 'dist/stores'))
      .filter((file) => file.endsWith('.js'))
      .map((file) => `./stores/${file.slice(0, -'.js'.length)}`);
    return paths
      .flatMap((path) => (path === './stores/*' ? stores : path))
      .map((path) => `@oauth-registry/${name}${path.slice(1)}`);
  });
}

/** Runs a module of the application and returns what it prints. */
function run(code: string): string {
  const file = join(app, 'main.mjs');
  writeFileSync(file, code);
  return execFileSync(process.execPath, [file], { cwd: app, encoding: 'utf8' }).trim();
}

test('every entry point of the packed packages can be imported', () => {
  // A page alone has what `browser` needs, but nothing happens when it is imported.
  const names = JSON.stringify(entries());
  const printed = run(
    `for (const name of ${names}) console.log(name, typeof (await import(name)));`,
  );
  expect(printed.split('\n')).toEqual(entries().map((name) => `${name} object`));
  expect(entries().length).toBeGreaterThan(12);
});

test('classes are the same in every entry point', () => {
  const printed = run(`
    import { OAuth, OAuthError } from '@oauth-registry/express';
    import { OAuthError as OfFastify } from '@oauth-registry/fastify';
    import { byName } from '@oauth-registry/core/providers';
    import * as core from '@oauth-registry/core';
    const errors = [() => new OAuth().register('a b', {}), () => byName('nosuch'), () => new core.OAuth(5)];
    const isOne = errors.map((run) => { try { run(); } catch (error) { return error instanceof OAuthError; } });
    console.log(OAuthError === OfFastify && OAuthError === core.OAuthError, ...isOne);
  `);
  expect(printed).toBe('true true true true');
});

test('an import loads neither openid-client, jose nor undici, and no protocol', () => {
  writeFileSync(
    join(app, 'loaded.mjs'),
    'export async function load(url, context, next) { console.log(url); return await next(url, context); }',
  );
  const printed = run(`
    import { register } from 'node:module';
    register('./loaded.mjs', import.meta.url);
    const { OAuth } = await import('@oauth-registry/express');
    new OAuth({ config: {} }).register('github', { clientId: 'id', clientSecret: 'secret' });
    console.log(process.moduleLoadList.filter((name) => name.includes('undici/undici')).join());
  `);
  expect(printed).not.toContain('undici');
  const loaded = printed.split('\n').filter((url) => url.startsWith('file:'));
  expect(loaded.filter((url) => /jose|openid-client|oauth4webapi|engine/.test(url))).toEqual([]);
  expect(loaded.length).toBeLessThan(12);
});

test('a bundle of one preset contains no other', async () => {
  const file = join(app, 'one.mjs');
  writeFileSync(file, "export { github } from '@oauth-registry/core/providers';");
  const bundle = await rolldown({ input: file, platform: 'node' });
  const { output } = await bundle.generate({ minify: true });
  await bundle.close();
  const [{ code }] = output;
  expect(code).toContain('api.github.com');
  expect(code).not.toContain('gitlab');
  expect(code.length).toBeLessThan(40_000);
});

test.each([
  ['node16', ts.ModuleKind.Node16, ts.ModuleResolutionKind.Node16],
  ['bundler', ts.ModuleKind.ESNext, ts.ModuleResolutionKind.Bundler],
])('the declarations compile with the module resolution %s', (_, module, moduleResolution) => {
  const file = join(app, 'types.ts');
  const imports = entries().map((name, at) => `import * as entry${at} from '${name}';`);
  const used = entries().map((_name, at) => `entry${at}`);
  writeFileSync(
    file,
    `${imports.join('\n')}
     export const all = [${used.join(', ')}];
     import { OAuth } from '@oauth-registry/express';
     import { github } from '@oauth-registry/core/providers';
     const oauth = new OAuth().register('github', github({ clientId: 'id' }));
     export const token = oauth.github.refreshToken({ access_token: '', token_type: 'Bearer' });
     // @ts-expect-error no client of that name was registered
     oauth.gitlab;`,
  );
  const program = ts.createProgram([file], {
    module,
    moduleResolution,
    target: ts.ScriptTarget.ES2022,
    lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
    types: ['node'],
    typeRoots: [join(root, 'node_modules/@types')],
    strict: true,
    exactOptionalPropertyTypes: true,
    noEmit: true,
  });
  const ours = /@oauth-registry|types\.ts$/;
  const problems = ts
    .getPreEmitDiagnostics(program)
    .filter((problem) => problem.file === undefined || ours.test(problem.file.fileName));
  expect(
    problems.map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, ' ')),
  ).toEqual([]);
});

test('a package contains no sources, tests or source maps', () => {
  for (const name of packages) {
    const files = readdirSync(installed(name), { recursive: true, encoding: 'utf8' });
    expect(files.filter((file) => /\.map$|^src|test\./.test(file))).toEqual([]);
  }
});

test('the packed command runs', () => {
  const from = join(root, 'packages/cli');
  const pack = ['pack', '--pack-destination', app];
  const output = execFileSync('pnpm', pack, { cwd: from, encoding: 'utf8' });
  const to = join(app, 'node_modules/oauth-registry');
  mkdirSync(to, { recursive: true });
  const file = output.trim().split('\n').at(-1) ?? '';
  execFileSync('tar', ['-xzf', file, '-C', to, '--strip-components=1'], { cwd: app });
  link(from);
  const { bin } = JSON.parse(readFileSync(join(to, 'package.json'), 'utf8')) as {
    bin: Record<string, string>;
  };
  const command = join(to, bin['oauth-registry'] ?? '');
  const printed = execFileSync(process.execPath, [command, '--help'], { encoding: 'utf8' });
  expect(printed).toContain('doctor');
});
