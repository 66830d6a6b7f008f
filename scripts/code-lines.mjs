/**
 * Prints the lines of code of core: of each top folder, of those in `protocols/`, and of all. Blank lines, comments,
 * tests and presets are left out.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import ts from 'typescript';

const root = join(import.meta.dirname, '../packages/core/src');
const totals = {};
for (const path of readdirSync(root, { recursive: true, encoding: 'utf8' })) {
  if (!path.endsWith('.ts') || /\.test(-d)?\.ts$/.test(path)) continue;
  if (path.startsWith('providers/presets/')) continue;
  const lines = codeLines(readFileSync(join(root, path), 'utf8'));
  for (const folder of foldersOf(path)) totals[folder] = (totals[folder] ?? 0) + lines;
}
for (const [folder, lines] of Object.entries(totals).toSorted()) {
  if (!folder.includes('/') || folder.startsWith('protocols/'))
    console.log(String(lines).padStart(6), folder);
}

/** A file's folder, and those around it up to the root, which is `.`. */
function foldersOf(path) {
  const folder = dirname(path);
  return folder === '.' ? [folder] : [folder, ...foldersOf(folder)];
}

/** The lines that have a token, or a part of one, and are not blank. */
function codeLines(text) {
  const file = ts.createSourceFile('file.ts', text, ts.ScriptTarget.Latest, true);
  const source = text.split('\n');
  const found = new Set();
  visit(file, (token) => {
    const { line: first } = file.getLineAndCharacterOfPosition(token.getStart());
    const { line: last } = file.getLineAndCharacterOfPosition(token.getEnd());
    for (let line = first; line <= last; line += 1) if (source[line].trim()) found.add(line);
  });
  return found.size;
}

/** The comments of JSDoc are nodes too, but no tokens. */
function visit(node, each) {
  if (ts.isJSDoc(node)) return;
  const children = node.getChildren();
  if (children.length === 0 && node.getWidth() > 0) each(node);
  for (const child of children) visit(child, each);
}
