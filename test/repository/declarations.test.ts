import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { afterAll, expect, it } from 'vitest';

const core = join(import.meta.dirname, '../../packages/core/src/');
const entries = ['index', 'oauth1', 'providers', 'adapter'];
const stores = ['stores/memory', 'stores/postgres', 'stores/redis'];

/** What was parsed for one program, for the next one: all have the same target and kind of modules. */
const parsed = new Map<string, ts.SourceFile | undefined>();
afterAll(() => parsed.clear());

/** Compiles what core declares, with nothing beside it but `lib` and `types`, and returns the complaints. */
function complaints(names: readonly string[], lib: readonly string[], types: string[]): string[] {
  const options: ts.CompilerOptions = {
    strict: true,
    noEmit: true,
    skipLibCheck: true,
    target: ts.ScriptTarget.ES2022,
    module: ts.ModuleKind.NodeNext,
    lib: lib.map((name) => `lib.${name}.d.ts`),
    types,
  };
  const host = ts.createCompilerHost(options);
  // As `tsc` does; types need no other comments.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const { getSourceFile } = host;
  host.getSourceFile = (name, version, ...rest) => {
    if (!parsed.has(name)) {
      const file = name.startsWith(core)
        ? ts.createSourceFile(name, declarationsOf(name), version)
        : getSourceFile(name, version, ...rest);
      parsed.set(name, file);
    }
    return parsed.get(name);
  };
  const files = names.map((name) => join(core, `${name}.ts`));
  const found = ts.getPreEmitDiagnostics(ts.createProgram(files, options, host));
  // Files of declarations alone may rename what they destructure; these are read as sources.
  const unusedRenaming = 2842;
  const real = found.filter(({ code }) => code !== unusedRenaming);
  return real.map(({ file, messageText }) => {
    const text = ts.flattenDiagnosticMessageText(messageText, ' ');
    return `${file?.fileName.replace(core, '') ?? ''}: ${text}`;
  });
}

function declarationsOf(name: string): string {
  const options = { fileName: name, compilerOptions: { isolatedDeclarations: true } };
  return ts.transpileDeclaration(readFileSync(name, 'utf8'), options).outputText;
}

it.each([
  ['Node.js, without the DOM', [...entries, ...stores], ['es2022'], ['node']],
  ['a page', [...entries, 'stores/memory', 'browser'], ['es2022', 'dom'], []],
  ['a worker', [...entries, 'stores/memory'], ['es2022', 'webworker'], []],
] as const)(
  '[X13] the declarations of core compile with those of %s',
  (_, names, lib, types) => {
    expect(complaints(names, lib, [...types])).toEqual([]);
  },
  60_000,
);
