import {
  cpSync,
  existsSync,
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
import { fileURLToPath } from 'node:url';
import ts from 'typescript';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** Whose installed packages an application outside the project needs. */
const borrowFrom = ['packages/core', 'packages/fastify', 'packages/next', 'test'];

/**
 * Lays the project out in a fresh folder as an application would have it installed: our packages and
 * one folder of tests as JavaScript, everything else linked. For tests that need processes of their own.
 */
export function layOut(tests = 'contract'): string {
  const folder = mkdtempSync(join(realpathSync(tmpdir()), 'oauth-registry-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  write(join(folder, 'package.json'), JSON.stringify({ type: 'module', private: true }));
  for (const userId of borrowFrom) linkAll(join(root, userId, 'node_modules'), folder);
  for (const name of ['core', 'express', 'fastify', 'next', 'web']) {
    const from = join(root, 'packages', name);
    const to = join(folder, 'node_modules/@oauth-registry', name);
    compile(join(from, 'src'), join(to, 'dist'));
    cpSync(join(from, 'package.json'), join(to, 'package.json'));
  }
  compile(join(root, 'test', tests), join(folder, tests));
  return folder;
}

/** Compiles a folder's sources one by one, without looking at types. */
function compile(from: string, to: string): void {
  const files = readdirSync(from, { recursive: true, encoding: 'utf8' });
  const isSource = (name: string): boolean => name.endsWith('.ts') && !name.endsWith('.test.ts');
  for (const file of files.filter(isSource)) {
    const { outputText } = ts.transpileModule(readFileSync(join(from, file), 'utf8'), {
      compilerOptions: { target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.ESNext },
    });
    write(join(to, file.replace(/\.ts$/, '.js')), outputText);
  }
}

/** Links every package of a node_modules folder that is not ours. */
function linkAll(modules: string, folder: string): void {
  const names = readdirSync(modules)
    .filter((name) => !name.startsWith('.') && name !== '@oauth-registry')
    .flatMap((name) =>
      name.startsWith('@') ? readdirSync(join(modules, name)).map((own) => `${name}/${own}`) : name,
    );
  for (const name of names) {
    const link = join(folder, 'node_modules', name);
    if (existsSync(link)) continue;
    mkdirSync(dirname(link), { recursive: true });
    symlinkSync(realpathSync(join(modules, name)), link);
  }
}

function write(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
}
