/**
 * Checks that every regular expression of the packages runs in linear time, and fails if one does not.
 * Text from outside must never be able to block the event loop.
 *
 * Reads literals, and text that is made into an expression: arguments of `RegExp`, and `pattern` members.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { checkSync } from 'recheck';
import ts from 'typescript';

const root = new URL('..', import.meta.url).pathname;

/** Where each expression is, by its source and flags. */
const expressions = new Map();
for (const name of readdirSync(join(root, 'packages'))) collect(join('packages', name, 'src'));

let failed = 0;
for (const [expression, places] of expressions) {
  const [source, flags] = JSON.parse(expression);
  const { status, complexity, error } = checkSync(source, flags, { timeout: 30_000 });
  if (status === 'safe') continue;
  failed += 1;
  console.error(`${places.join(', ')}: /${source}/${flags} ${complexity?.summary ?? error?.kind}`);
}
console.log(`${expressions.size} regular expressions, ${failed} not linear`);
process.exitCode = failed === 0 && expressions.size > 0 ? 0 : 1;

function collect(folder) {
  const files = readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' });
  for (const file of files) {
    if (!/\.tsx?$/.test(file) || /\.test(-d)?\.tsx?$/.test(file)) continue;
    const path = join(folder, file);
    const text = readFileSync(join(root, path), 'utf8');
    visit(ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true));
  }
}

function visit(node) {
  const found = expressionOf(node);
  if (found !== undefined) {
    const file = node.getSourceFile();
    const { line } = file.getLineAndCharacterOfPosition(node.getStart());
    const key = JSON.stringify(found);
    expressions.set(key, [...(expressions.get(key) ?? []), `${file.fileName}:${line + 1}`]);
  }
  ts.forEachChild(node, visit);
}

/** The source and the flags of an expression; a part of a template that is filled in stands for a word. */
function expressionOf(node) {
  if (ts.isRegularExpressionLiteral(node)) {
    const end = node.text.lastIndexOf('/');
    return [node.text.slice(1, end), node.text.slice(end + 1)];
  }
  if (ts.isNewExpression(node) && node.expression.getText() === 'RegExp') {
    const [source, flags] = (node.arguments ?? []).map(textOf);
    return source === undefined ? undefined : [source, flags ?? ''];
  }
  if (ts.isPropertyAssignment(node) && node.name.getText() === 'pattern') {
    const source = textOf(node.initializer);
    return source === undefined ? undefined : [`^(?:${source})$`, ''];
  }
  return undefined;
}

function textOf(node) {
  if (ts.isStringLiteralLike(node)) return node.text;
  if (!ts.isTemplateExpression(node)) return undefined;
  return node.head.text + node.templateSpans.map(({ literal }) => `word${literal.text}`).join('');
}
