// Bundles what `tsc` wrote to `build/` into `dist/`, for the package in the current folder: its entry points, what they
// share as chunks, and their declarations. `--testing` adds the entry point for tests, which is compiled against the
// others. `build/` stays as it is, for `walks.mjs` and `api-report.mjs`.
import { readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { rolldown } from 'rolldown';
import { parseAst } from 'rolldown/parseAst';
import { dts } from 'rolldown-plugin-dts';

const root = process.cwd();
const { exports } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
const annotation = '/* @__PURE__ */ ';
const external = [/^node:/, /^[^./]/];
const dist = join(root, 'dist');
const pathOf = (entry, extension = 'js') => join(root, 'build', `${entry}.${extension}`);

/** The entry points of package.json, as paths below `build/` without an extension. */
const entries = Object.values(exports)
  .flatMap((target) => target.default ?? [])
  .map((path) => /^\.\/dist\/(.+)\.js$/.exec(path)[1])
  .flatMap((path) => (path.includes('*') ? filesOf(path) : path));

const isTesting = (entry) => entry.startsWith('testing/');
// A page loads browser.js alone.
const groups = [
  entries.filter((entry) => entry !== 'browser' && !isTesting(entry)),
  entries.filter((entry) => entry === 'browser'),
];
const testing = process.argv.includes('--testing');
if (!testing) rmSync(dist, { recursive: true, force: true });
for (const group of testing ? [entries.filter(isTesting)] : groups) {
  if (group.length > 0) await bundleGroup(group);
}

async function bundleGroup(group) {
  const input = (extension) =>
    Object.fromEntries(group.map((entry) => [entry, pathOf(entry, extension)]));
  const folder = group.every(isTesting) ? 'testing/chunks' : 'chunks';
  const start = startUp(group);
  await write(
    { input: input('js'), plugins: [pureCalls(), start.plugin, packedJson()] },
    {
      chunkFileNames: `${folder}/[name].js`,
      comments: { annotation: true, legal: false, jsdoc: false },
      // Names of functions stay for the stack traces of applications.
      minify: {
        compress: true,
        mangle: { toplevel: group.every(isTesting) },
        codegen: { removeWhitespace: true },
      },
      codeSplitting: { groups: [{ name: start.chunkOf, debugName: 'start-up' }] },
    },
  );
  await write(
    { input: input('d.ts'), plugins: [dts({ dtsOnly: true, sourcemap: false }), compact()] },
    { chunkFileNames: `${folder}/[name].ts` },
  );
}

async function write(options, output) {
  const bundle = await rolldown({ platform: 'neutral', external, ...options });
  const { output: files } = await bundle.write({ dir: dist, format: 'esm', ...output });
  await bundle.close();
  // Three bytes less for each of hundreds of calls.
  for (const { code, fileName } of files)
    if (code?.includes(annotation))
      writeFileSync(join(dist, fileName), code.replaceAll(annotation, '/*@__PURE__*/'));
}

/**
 * Puts what an application loads at its start into few chunks, because each file costs time: what the entry points
 * without a registry need as well, the presets, and the rest.
 */
function startUp(group) {
  const atStart = new Set();
  const small = new Set();
  return {
    plugin: {
      name: 'start-up',
      buildEnd() {
        const collect = (id, found) => {
          if (found.has(id) || external.some((one) => one.test(id))) return;
          found.add(id);
          for (const next of this.getModuleInfo(id).importedIds) collect(next, found);
        };
        for (const entry of ['index', 'adapter']) {
          if (group.includes(entry)) collect(pathOf(entry), atStart);
        }
        for (const entry of group) {
          if (entry === 'oauth1' || entry.startsWith('stores/')) collect(pathOf(entry), small);
        }
      },
    },
    chunkOf(id) {
      if (!atStart.has(id) || group.some((entry) => id.endsWith(`/build/${entry}.js`))) return null;
      if (small.has(id)) return 'base';
      return id.includes('/build/providers/') ? 'presets' : 'registry';
    },
  };
}

/**
 * Indents declarations with tabs, and their doc comments not at all, and removes semicolons that a line break replaces:
 * they become 9 % smaller.
 */
function compact() {
  return {
    name: 'compact',
    renderChunk: (code) =>
      code
        .replace(/^(?: {2})+/gm, (spaces) => '\t'.repeat(spaces.length / 2))
        .replace(/\/\*\*\n\s+\* /g, '/** ')
        .replace(/\n\s+\*\/$/gm, ' */')
        .replace(/^\s+\*/gm, ' *')
        .replace(/;\n(?=\t*(?:[a-z}]|\/\*\*))/gi, '\n'),
  };
}

/** Compresses the samples of the entry for tests, which needs Node.js: 70 KB of text become 10 KB. */
function packedJson() {
  return {
    name: 'packed-json',
    load(id) {
      if (!id.endsWith('/provider-samples.json')) return null;
      const text = JSON.stringify(JSON.parse(readFileSync(id, 'utf8')));
      const packed = brotliCompressSync(text).toString('base64');
      const code = `import { brotliDecompressSync } from 'node:zlib';
        export default JSON.parse(brotliDecompressSync(Buffer.from('${packed}', 'base64')).toString());`;
      return { code, moduleType: 'js' };
    },
  };
}

/**
 * Marks the calls that create the constants of a module as free of side effects, so that bundlers remove the constants,
 * such as presets, that an application does not use.
 */
function pureCalls() {
  return {
    name: 'pure-calls',
    transform(code, id) {
      if (!id.endsWith('.js')) return undefined;
      const starts = parseAst(code).body.flatMap((statement) => {
        const { declarations = [] } = statement.declaration ?? statement;
        return declarations.flatMap(({ init }) => [...callsIn(init)]);
      });
      return starts
        .toSorted((a, b) => b - a)
        .reduce(
          (text, start) => `${text.slice(0, start)}/* @__PURE__ */ ${text.slice(start)}`,
          code,
        );
    },
  };
}

/** The positions of calls that run with an expression: not those in functions and classes. */
function* callsIn(node) {
  if (node === null || typeof node !== 'object') return;
  if (Array.isArray(node)) {
    for (const one of node) yield* callsIn(one);
    return;
  }
  if (/Function|Class/.test(node.type ?? '')) return;
  if (node.type === 'CallExpression' || node.type === 'NewExpression') yield node.start;
  for (const value of Object.values(node)) yield* callsIn(value);
}

/** The files that a path with `*` stands for. */
function filesOf(path) {
  const [folder, rest] = path.split('*');
  return readdirSync(join(root, 'build', folder))
    .filter((file) => file.endsWith(`${rest}.js`))
    .map((file) => folder + file.slice(0, -'.js'.length));
}
