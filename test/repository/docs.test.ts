import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { OAuth } from '@oauth-registry/core';
import ts from 'typescript';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { groups } from '../../docs/.vitepress/sidebar.js';
import {
  beside,
  express,
  fastify,
  ofPages,
  pagesOf,
  root,
  samplesOf,
  web,
  type Sample,
} from './docs-samples.js';

/** A sample leaves things out, and readers have the rules of "strict" only. */
const ofReaders: ts.CompilerOptions = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  noPropertyAccessFromIndexSignature: false,
};

/** What the samples import, parsed once for all programs. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program of files that are nowhere but here, with the options of a project file. */
function programOf(files: ReadonlyMap<string, string>, project: string): ts.Program {
  const path = join(root, project);
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  const { options: ours } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path));
  const options = { ...ours, ...ofReaders };
  const host = ts.createCompilerHost(options);
  // As `tsc` does; types need no other comments.
  host.jsDocParsingMode = ts.JSDocParsingMode.ParseForTypeErrors;
  const { fileExists, readFile, directoryExists, getSourceFile } = host;
  const folders = new Set([...files.keys()].map((file) => dirname(file)));
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.directoryExists = (folder) => folders.has(folder) || directoryExists?.(folder) === true;
  host.getSourceFile = (file, how) => {
    const text = files.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, how);
    const format = typeof how === 'object' ? how.impliedNodeFormat : undefined;
    const key = `${format} ${file}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, how));
    return parsed.get(key);
  };
  return ts.createProgram([...files.keys()], options, host);
}

/**
 * Compiles samples as one program, so that what a page says of sessions holds for all of them. Only
 * errors of the samples count: those of what they import are the business of `tsc`.
 */
function errorsOf(samples: Sample[], project = 'tsconfig.json'): string[] {
  const byFile = new Map(samples.map((sample) => [join(root, sample.file), sample]));
  const files = new Map([...byFile].map(([file, { code }]) => [file, code]));
  const program = programOf(files, project);
  expect(program.getOptionsDiagnostics()).toEqual([]);
  const errors = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return errors.map(({ file, start, messageText }) => {
    const at = byFile.get(file?.fileName ?? '')?.at;
    const line = file ? ts.getLineAndCharacterOfPosition(file, start ?? 0).line : 0;
    return `${at} + ${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

const isOfNext = (code: string): boolean => /oauth-registry\/next|\/oauth'/.test(code);

describe('the samples of the documentation compile as they stand', { timeout: 180_000 }, () => {
  const onOthers = [
    'docs/fastify.md',
    'docs/next.md',
    'docs/web.md',
    'docs/quickstart.md',
    'docs/sveltekit.md',
    'docs/nest.md',
    'docs/converted.md',
  ];
  const readmes = ['README.md', 'packages/core/README.md', 'packages/express/README.md'];
  const pages = [...readmes, ...pagesOf('docs')].filter((page) => !onOthers.includes(page));
  const ofExpress = pages.flatMap((page) => samplesOf(page, ofPages[page] ?? express));

  // Two plugins declare the session of a request differently.
  const ofFastify = samplesOf('docs/fastify.md', fastify);
  const secure = ofFastify.filter(({ code }) => code.includes('secureSession'));
  const plain = [
    ...ofFastify.filter((sample) => !secure.includes(sample)),
    ...samplesOf('packages/fastify/README.md', {}),
  ];

  const ofNext = samplesOf('docs/next.md', {}, 'examples/next-app');
  const ofNextReadme = samplesOf('packages/next/README.md', {}, 'examples/next-app');

  const ofWeb = [...samplesOf('docs/web.md', web), ...samplesOf('packages/web/README.md', {})];

  // Whole programs, each with its own imports.
  const quickstart = samplesOf('docs/quickstart.md', {});
  const ofQuickstart = quickstart.filter(({ code }) => !isOfNext(code));
  const ofNextQuickstart = samplesOf('docs/quickstart.md', {}, 'examples/next-app').filter(
    ({ code }) => isOfNext(code),
  );

  const ofTests = samplesOf('test/README.md', {}).map((sample) => ({
    ...sample,
    file: 'test/client/sample.test.ts',
  }));

  let errors: string[];
  const errorsIn = (samples: Sample[]): string[] =>
    errors.filter((error) => samples.some(({ at }) => error.startsWith(`${at} `)));

  beforeAll(() => {
    errors = errorsOf([...ofExpress, ...beside, ...plain, ...ofWeb, ...ofQuickstart, ...ofTests]);
  }, 180_000);
  afterAll(() => parsed.clear());

  it('README.md and docs, on Express if a page does not say', () => {
    expect(ofExpress.length).toBeGreaterThan(80);
    expect(errorsIn([...ofExpress, ...beside])).toEqual([]);
  });

  it('docs/fastify.md, one session plugin at a time', () => {
    expect(secure).toHaveLength(1);
    expect(errorsOf(secure)).toEqual([]);
    expect(plain.length).toBeGreaterThan(5);
    expect(errorsIn(plain)).toEqual([]);
  });

  it('docs/next.md', () => {
    expect(ofNext.length).toBeGreaterThan(5);
    expect(errorsOf([...ofNext, ...ofNextReadme], 'examples/tsconfig.next.json')).toEqual([]);
  });

  it('docs/quickstart.md, on each framework', () => {
    expect([ofQuickstart.length, ofNextQuickstart.length]).toEqual([3, 3]);
    expect(errorsIn(ofQuickstart)).toEqual([]);
    expect(errorsOf(ofNextQuickstart, 'examples/tsconfig.next.json')).toEqual([]);
  });

  it('docs/nest.md', () => {
    const ofNest = samplesOf('docs/nest.md', {}, 'examples/nest');
    expect(ofNest.length).toBeGreaterThan(5);
    expect(errorsOf(ofNest, 'examples/tsconfig.json')).toEqual([]);
  });

  it('docs/converted.md, on each framework', () => {
    const converted = samplesOf('docs/converted.md', {});
    const onNext = samplesOf('docs/converted.md', {}, 'examples/next-app').filter(({ code }) =>
      isOfNext(code),
    );
    expect([converted.length, onNext.length]).toEqual([5, 3]);
    expect(errorsOf(converted.filter(({ code }) => !isOfNext(code)))).toEqual([]);
    expect(errorsOf(onNext, 'examples/tsconfig.next.json')).toEqual([]);
  });

  it('docs/web.md', () => {
    expect(ofWeb.length).toBeGreaterThan(7);
    expect(errorsIn(ofWeb)).toEqual([]);
  });

  it('test/README.md', () => {
    expect(ofTests).toHaveLength(1);
    expect(errorsIn(ofTests)).toEqual([]);
  });

  it('[R10] docs/tutorials, a whole program each', () => {
    const tutorials = pagesOf('docs/tutorials');
    const samples = tutorials.flatMap((page) => samplesOf(page, {}));

    expect(samples).toHaveLength(tutorials.length);
    expect(errorsOf(samples)).toEqual([]);
  });
});

/** The samples in the comments of the sources. */
function samplesOfComments(): Pick<Sample, 'at' | 'code'>[] {
  return ['core', 'express', 'fastify', 'next', 'web'].flatMap((name) => {
    const folder = join(root, 'packages', name, 'src');
    const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
    return files
      .filter((file) => /(?<!\.test)\.ts$/.test(file))
      .flatMap((file) => {
        const text = readFileSync(join(folder, file), 'utf8').replaceAll(/^ *\* ?/gm, '');
        const found = text.matchAll(/^```tsx?\n([\s\S]*?)^```$/gm);
        return [...found].map(([, code = '']) => ({ at: `${name}/${file}`, code }));
      });
  });
}

/**
 * Finds what a sample sends to a browser as HTML with a text in it that may come from outside: a name of a
 * user, a message of an error. Such text is escaped, or the response is plain text.
 */
function unescaped({ at, code }: Pick<Sample, 'at' | 'code'>): string[] {
  const source = ts.createSourceFile('sample.tsx', code, ts.ScriptTarget.Latest, true);
  const found: string[] = [];
  const isSafe = (text: ts.Expression): boolean =>
    ts.isLiteralExpression(text) || /^(?:escape\w*|oauth\.login\w+)\(/.test(text.getText());
  const isTainted = (sent: ts.Expression): boolean =>
    ts.isTemplateExpression(sent)
      ? sent.templateSpans.some(({ expression }) => !isSafe(expression))
      : ts.isBinaryExpression(sent)
        ? [sent.left, sent.right].some((side) => isTainted(side) || !isSafe(side))
        : ts.isPropertyAccessExpression(sent);
  const visit = (node: ts.Node, handler: string): void => {
    const within = ts.isFunctionLike(node) ? node.getText() : handler;
    const sends =
      ts.isCallExpression(node) &&
      ts.isPropertyAccessExpression(node.expression) &&
      /^(?:send|end|write|html)$/.test(node.expression.name.text) &&
      node.arguments.slice(0, 1).some(isTainted);
    if (sends && !within.includes('text/plain')) found.push(`${at}: ${node.getText()}`);
    node.forEachChild((child) => visit(child, within));
  };
  visit(source, '');
  return found;
}

describe('the samples of the documentation', () => {
  it('send no text from outside as HTML: it is escaped, or plain text', () => {
    const readmes = ['core', 'express', 'fastify', 'next', 'web'].map(
      (name) => `packages/${name}/README.md`,
    );
    const folders = ['docs', 'docs/tutorials', 'docs/providers'].flatMap(pagesOf);
    const pages = ['README.md', 'SECURITY.md', ...readmes, ...folders];
    const written = pages.flatMap((page) => samplesOf(page, {}));
    const example = 'examples/next-pages/pages/api/callback/corp.ts';
    const api = { at: example, code: readFileSync(join(root, example), 'utf8') };

    expect(samplesOfComments().length).toBeGreaterThan(5);
    expect([...written, ...samplesOfComments(), api].flatMap(unescaped)).toEqual([]);
  });

  it.each([
    'app.get("/", (req, res) => res.send(`Hello ${user.name}`));',
    'app.get("/", (req, res) => { res.status(400).send(error.message); });',
    'app.get("/", (req, res) => res.end("<p>" + name));',
    'app.get("/", (request, reply) => reply.type("text/html").send(`<b>${user.name}</b>`));',
  ])('would be told of %s', (code) => {
    expect(unescaped({ at: 'here', code })).toHaveLength(1);
  });
});

function thrownBy(run: () => unknown): Error {
  try {
    run();
  } catch (error) {
    return error as Error;
  }
  throw new Error('Nothing was thrown.');
}

describe('the pages of the documentation', () => {
  it('declare what their samples put into a session of Express, or a reader gets TS2339', () => {
    const pages = ['README.md', ...pagesOf('docs'), ...pagesOf('docs/tutorials')];
    const without = pages.filter((page) => {
      const code = samplesOf(page, {}).map((sample) => sample.code);
      const used = code.join('').match(/\bsession\.(?:user|token)\b/g) ?? [];
      const isDeclared = code.some((one) => one.includes('interface SessionData'));
      return used.length > 0 && !isDeclared && page !== 'docs/fastify.md';
    });
    expect(without).toEqual([]);
  });

  it('say in the README what to install', () => {
    const readme = readFileSync(join(root, 'README.md'), 'utf8');
    expect(readme).toContain('npm install @oauth-registry/core @oauth-registry/express');
  });

  const withText = (page: string): string =>
    readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const linksOf = (page: string): string[] =>
    [...withText(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

  it('are all in the sidebar of the site, once', () => {
    const listed = Object.values(groups).flat();
    const pages = pagesOf('docs').map((page) => basename(page, '.md'));
    expect(listed.toSorted()).toEqual(pages.filter((page) => page !== 'index').toSorted());
  });

  it('list every decision record', () => {
    const records = pagesOf('docs/decisions').map((page) => basename(page));
    expect(linksOf('docs/decisions/README.md')).toEqual(expect.arrayContaining(records));
  });

  it('describe every capability that a test title names', () => {
    const listed = readFileSync(join(root, 'docs/parity.md'), 'utf8');
    const tests = ['test', 'packages'].flatMap((folder) =>
      readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
        .filter((file) => /(?<!node_modules.*)\.test\.ts$/.test(file))
        .map((file) => readFileSync(join(root, folder, file), 'utf8')),
    );
    const ids = new Set(tests.flatMap((text) => text.match(/(?<=\[)[ADFMRX]\d+(?=\])/g) ?? []));

    expect(ids.size).toBeGreaterThan(60);
    expect([...ids].filter((id) => !new RegExp(`^\\| ${id} +\\|`, 'm').test(listed))).toEqual([]);
  });

  it('explain every error code that is our own, and list every limit', () => {
    const core = join(root, 'packages/core/src');
    const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');
    const errors = readFileSync(join(core, 'model/error-codes.ts'), 'utf8');
    const union = errors.slice(0, errors.indexOf('export type ProviderErrorCode'));
    const codes = [...union.matchAll(/\| '(\w+)'/g)].map(([, code = '']) => code);
    const limits = readFileSync(join(core, 'options/limits.ts'), 'utf8');
    const names = [...limits.matchAll(/^ {2}(\w+): [\d_]+/gm)].map(([, name = '']) => name);

    expect(codes.length).toBeGreaterThan(20);
    expect(names).toContain('stateTtl');
    expect([...codes, ...names].filter((name) => !guide.includes(`\`${name}\``))).toEqual([]);
  });

  it('speak of every option of register()', () => {
    const { message } = thrownBy(() =>
      new OAuth({ config: {} }).register('x', { '?': 1 } as object),
    );
    const options = /Known options: (.*)\.$/.exec(message)?.[1]?.split(', ') ?? [];
    // The reference has each by construction; another page says what it is for.
    const text = pagesOf('docs')
      .filter((page) => page !== 'docs/options.md')
      .map((page) => readFileSync(join(root, page), 'utf8'))
      .join('\n');

    expect(options).toContain('clientId');
    expect(options.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  it('lead to pages and headings that there are', () => {
    const folders = ['.', 'docs', 'docs/tutorials', 'docs/providers', 'docs/decisions'];
    const readmes = ['README.md', 'test/README.md', 'docs/decisions/README.md'];
    const pages = [...readmes, ...folders.flatMap(pagesOf)];
    const headings = (page: string): string[] =>
      [...withText(page).matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
        title
          .toLowerCase()
          .replaceAll(/[^\w\- ]/g, '')
          .replaceAll(' ', '-'),
      );
    const broken = pages.flatMap((page) =>
      linksOf(page)
        .filter((link) => !/^https?:/.test(link))
        .filter((link) => {
          const [path = '', heading] = link.split('#');
          const target = path === '' ? page : join(dirname(page), path);
          if (!existsSync(join(root, target))) return true;
          return heading !== undefined && !headings(target).includes(heading);
        })
        .map((link) => `${page}: ${link}`),
    );
    expect(broken).toEqual([]);
  });
});
