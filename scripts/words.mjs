/**
 * Checks that comments, messages, names, documentation and test titles use the terms of the specifications.
 * Prints each word that is not, and what to write instead. Code in Markdown and wire names are not checked.
 */
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

const root = new URL('..', import.meta.url).pathname;

/** `except` is text in which a word is correct: a proper name, a wire name or another meaning. */
const prose = [
  rule(
    'person|persons|people|somebody|someone|anybody|anyone|everybody|everyone',
    'user, end user or caller',
    {
      except: /People API/g,
    },
  ),
  rule('nobody|no one', 'no user, or name what is missing'),
  rule('answer|answers|answered|answering', 'response, responds'),
  rule('where', 'if, when or in which', {
    except: /\b[Ww]here to\b|\b(?:says?|tells?|to) where\b|\bWHERE\b/g,
  }),
  rule('keep|keeps|kept|keeping', 'store, stored, remains or preserve', {
    except: /\bkeep-alive\b/gi,
  }),
  rule('says no|said no|say no', 'denies, denied'),
  rule('refusal|refusals', 'error response, or rejection'),
  rule('lease|leases', 'lock TTL'),
  rule('grace', 'reuse window'),
  rule('door|doors', 'name the module or function'),
  rule('stranger|strangers', 'untrusted input'),
  rule('kin', 'HS256, HS384 and HS512'),
  rule('address|addresses', 'URL, endpoint or redirect URI', {
    except:
      /\b(?:IP|IPv4|IPv6|e-?mail|loopback|private|public) address(?:es)?\b|\baddress updated_at\b|\bphone (?:and )?address\b/gi,
  }),
];
const names = [
  rule(
    'person|persons|people|somebody|someone|anybody|anyone|everybody|everyone|nobody',
    'user or caller',
  ),
  rule('answer|answers|answered', 'response'),
  rule('refusal|refusals', 'error response'),
  rule('keep|keeps|keeping|kept', 'store, cached or rest', { except: /\bkeep[- ]?alive\b/gi }),
  rule('tell|tells|telling|told', 'notify, configured or reported'),
  rule('lease|leases', 'lockTtl'),
  rule('grace', 'reuseWindow'),
  rule('door|doors|stranger|strangers|kin', 'a term of the specifications'),
];

const hits = [];
for (const name of readdirSync(join(root, 'packages'))) {
  for (const file of sources(join('packages', name, 'src'))) {
    if (isTest(file)) readTitles(file);
    else readSource(file);
  }
  readMarkdown(join('packages', name, 'README.md'));
}
// What `@oauth-registry/core/testing` publishes, and the helpers beside it.
for (const file of [
  'test/testing.ts',
  ...['browser.ts', 'cookie-jar.ts', 'scripted.ts'].map((name) => join('test/support', name)),
  ...['test/support/provider', 'test/support/mock-logins', 'test/contract']
    .flatMap(sources)
    .filter((one) => !isTest(one)),
])
  readSource(file);
// These are named after the scenarios of the OpenID Foundation, and so is the page that lists them.
for (const file of sources('test'))
  if (isTest(file) && !file.startsWith('test/conformance/oidf/')) readTitles(file);
for (const file of list('docs'))
  if (file.endsWith('.md') && file !== 'docs/conformance.md') readMarkdown(file);
for (const file of [
  'README.md',
  'CONTRIBUTING.md',
  'SECURITY.md',
  'ARCHITECTURE.md',
  'CHANGELOG.md',
])
  readMarkdown(file);

for (const { path, line, word, write } of hits)
  console.error(`${path}:${line}: "${word}": write ${write}`);
console.log(`${hits.length} words to replace`);
process.exitCode = hits.length === 0 ? 0 : 1;

function rule(words, write, { except } = {}) {
  return { words: new RegExp(`\\b(?:${words})\\b`, 'gi'), write, except };
}

function list(folder) {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .map((file) => join(folder, file))
    .filter((file) => !file.includes('node_modules'));
}

function sources(folder) {
  return list(folder).filter((file) => /\.tsx?$/.test(file));
}

function isTest(path) {
  return /\.test(-d)?\.tsx?$/.test(path);
}

function read(path) {
  return readFileSync(join(root, path), 'utf8');
}

function parse(path) {
  return ts.createSourceFile(path, read(path), ts.ScriptTarget.Latest, true);
}

/** Comments, sentences in strings, and exported names. */
function readSource(path) {
  const file = parse(path);
  const code = [];
  let end = 0;
  visit(file, (node) => {
    if (isText(node)) {
      code.push(file.text.slice(end, node.getStart()), '\n'.repeat(linesIn(node)));
      end = node.getEnd();
      if (/\s/.test(node.text) && !ts.isRegularExpressionLiteral(node)) checkNode(node);
    }
    const name = declaredName(node);
    if (name !== undefined) report({ path, line: lineOf(name) }, spaced(name.text), names);
  });
  const comments = [...code, file.text.slice(end)]
    .join('')
    .matchAll(/\/\/[^\n]*|\/\*[^]*?\*\/|\n/g);
  let line = 1;
  for (const [comment] of comments) {
    for (const [index, part] of comment.split('\n').entries()) {
      if (index > 0) line += 1;
      report({ path, line }, withoutCode(part));
    }
  }
}

/** Every string in the first argument of `it()`, `test()` and `describe()`, tables included. */
function readTitles(path) {
  const text = read(path);
  if (prose.every(({ words }) => text.search(words) < 0)) return;
  visit(parse(path), (node) => {
    if (!ts.isCallExpression(node) || !isTestCall(node)) return;
    const [title] = node.arguments;
    if (title === undefined) return;
    visit(title, (part) => {
      if (isText(part)) checkNode(part);
    });
  });
}

function isTestCall({ expression }) {
  let name = expression;
  while (!ts.isIdentifier(name)) {
    if (name.expression === undefined) return false;
    name = name.expression;
  }
  return /^(?:it|test|describe)$/.test(name.text);
}

/** Prose, and the comments of samples. */
function readMarkdown(path) {
  if (!existsSync(join(root, path))) return;
  let fenced = false;
  for (const [index, line] of read(path).split('\n').entries()) {
    const start = fenced ? line.indexOf('// ') : 0;
    if (line.trimStart().startsWith('```')) fenced = !fenced;
    else if (start >= 0) report({ path, line: index + 1 }, withoutCode(line.slice(start)));
  }
}

function visit(node, each) {
  each(node);
  ts.forEachChild(node, (child) => visit(child, each));
}

function isText(node) {
  return (
    ts.isStringLiteralLike(node) ||
    ts.isRegularExpressionLiteral(node) ||
    ts.isTemplateHead(node) ||
    ts.isTemplateMiddleOrTemplateTail(node)
  );
}

/** The name of a declaration; an imported name belongs to another file. */
function declaredName({ kind, name }) {
  if (name === undefined || kind === ts.SyntaxKind.ImportSpecifier) return undefined;
  return ts.isIdentifier(name) || ts.isPrivateIdentifier(name) ? name : undefined;
}

function lineOf(node) {
  return node.getSourceFile().getLineAndCharacterOfPosition(node.getStart()).line + 1;
}

function linesIn(node) {
  return node.getText().split('\n').length - 1;
}

function checkNode(node) {
  const [path, first] = [node.getSourceFile().fileName, lineOf(node)];
  for (const [index, part] of node.getText().slice(1, -1).split('\n').entries()) {
    report({ path, line: first + index }, withoutCode(part));
  }
}

function report({ path, line }, text, rules = prose) {
  for (const { words, write, except } of rules) {
    const rest = except === undefined ? text : text.replace(except, '');
    for (const [word] of rest.matchAll(words)) hits.push({ path, line, word, write });
  }
}

/** Without inline code, link targets, URLs, and paths such as `$.person.name`: those are names. */
function withoutCode(text) {
  return text.replace(/`[^`\n]*`|\]\([^)\n]*\)|https?:\/\/\S+|[\w$]+(?:\.\w+)+/g, '``');
}

/** `pollAnswer` as `poll Answer`. */
function spaced(name) {
  return name.replace(/([a-z0-9])([A-Z])/g, '$1 $2').replace(/_/g, ' ');
}
