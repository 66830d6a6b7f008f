import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { OAuth } from '@oauth-registry/core';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const root = new URL('..', import.meta.url).pathname.replace(/\/$/, '');

/** A sample of a page, as the module a reader would make of it. */
interface Sample {
  file: string;
  /** The page and the line the sample begins on. */
  at: string;
  code: string;
}

/** What samples take for granted, by name; only what a sample does not declare itself is added. */
type Context = Record<string, string>;

const express: Context = {
  app: "declare const app: import('express').Express;",
  express: "import express from 'express';",
  session: "import session from 'express-session';",
  NextFunction: "import type { NextFunction, Request, Response } from 'express';",
  OAuth: "import { OAuth } from '@oauth-registry/express';",
  isOAuthError: "import { isOAuthError } from '@oauth-registry/express';",
  oauth:
    "declare const oauth: import('@oauth-registry/express').OAuth & " +
    "Record<'corp' | 'club', import('@oauth-registry/express').ExpressClients['oauth2']>;",
  token: "declare const token: import('@oauth-registry/express').OAuth2Token;",
  tokens:
    "declare const tokens: { find(name: string, request: unknown): import('@oauth-registry/express').Token };",
};

/** What else a page leaves to the application. */
const ofPages: Record<string, Context> = {
  'README.md': {
    ...express,
    requestTokenUrl:
      'declare const requestTokenUrl: string, authorizeUrl: string, accessTokenUrl: string, apiBaseUrl: string;',
  },
  'packages/core/README.md': { callbackUrl: 'declare const callbackUrl: string;' },
  'docs/refresh.md': {
    ...express,
    clientId:
      'declare const clientId: string, clientSecret: string, authorizeUrl: string, accessTokenUrl: string, apiBaseUrl: string;',
    user: 'declare const user: { id: string };',
  },
  'docs/tokens.md': {
    ...express,
    ...Object.fromEntries(
      ['prisma', 'drizzle', 'oauthToken', 'and', 'eq', 'kysely', 'serverlessPool', 'customers'].map(
        (name) => [name, `declare const ${name}: any;`],
      ),
    ),
  },
};

const fastify: Context = {
  app: "declare const app: import('fastify').FastifyInstance;",
  Fastify: "import Fastify from 'fastify';",
  FastifyRequest: "import type { FastifyRequest } from 'fastify';",
  OAuth: "import { OAuth } from '@oauth-registry/fastify';",
  isOAuthError: "import { isOAuthError } from '@oauth-registry/fastify';",
  secureSession: "import secureSession from '@fastify/secure-session';",
  randomBytes: "import { randomBytes } from 'node:crypto';",
};

/** What stands beside the samples: the session's data, and the adapter that somebody else writes. */
const beside: Sample[] = [
  {
    file: 'test/samples-of-docs/data.d.ts',
    at: 'session data',
    code: "import 'express-session'; declare module 'express-session' { interface SessionData { token: object; user: string | undefined } }",
  },
  {
    file: 'test/samples-of-docs/docs/testing/application.ts',
    at: 'application',
    code: `
import type { ContractApp, ContractConfig } from '@oauth-registry/core/testing';
export declare function startApplication(config: ContractConfig): Promise<ContractApp>;`,
  },
];

/** Every fenced sample of a page; one whose first line is a path comment is the module of that path. */
function samplesOf(page: string, context: Context, folder = 'test'): Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', code = ''], index): Sample => {
      const line = text.slice(0, text.indexOf(code)).split('\n').length;
      const path = /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1] ?? `sample-${index}.${kind}`;
      const file = join(folder, 'samples-of-docs', page.replace(/\.md$/, ''), path);
      return { file, at: `${page}:${line}`, code: complete(code, context) };
    },
  );
}

function complete(code: string, context: Context): string {
  const missing = Object.entries(context).filter(
    ([name]) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`(const|import|function)\\b[^;=('"]*\\b${name}\\b[^;]*[;=(]`).test(code),
  );
  return `${missing.map(([, text]) => text).join(' ')} export {};\n${code}`;
}

/** A sample leaves things out, and readers have the rules of "strict" only. */
const ofReaders: ts.CompilerOptions = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  noPropertyAccessFromIndexSignature: false,
};

/** What the samples import, parsed once for every program with the options of one project file. */
const parsed = new Map<string, ts.SourceFile | undefined>();

/** A program of files that are nowhere but here, with the options of a project file. */
function programOf(files: ReadonlyMap<string, string>, project: string): ts.Program {
  const path = join(root, project);
  const { config } = ts.readConfigFile(path, (file) => ts.sys.readFile(file));
  const { options: ours } = ts.parseJsonConfigFileContent(config, ts.sys, dirname(path));
  const options = { ...ours, ...ofReaders };
  const host = ts.createCompilerHost(options);
  const { fileExists, readFile, directoryExists, getSourceFile } = host;
  const folders = new Set([...files.keys()].map((file) => dirname(file)));
  host.fileExists = (file) => files.has(file) || fileExists(file);
  host.readFile = (file) => files.get(file) ?? readFile(file);
  host.directoryExists = (folder) => folders.has(folder) || directoryExists?.(folder) === true;
  host.getSourceFile = (file, target) => {
    const text = files.get(file);
    if (text !== undefined) return ts.createSourceFile(file, text, target);
    const key = `${project} ${file}`;
    if (!parsed.has(key)) parsed.set(key, getSourceFile(file, target));
    return parsed.get(key);
  };
  return ts.createProgram([...files.keys()], options, host);
}

/**
 * Compiles samples as one program, so that what a page says of sessions holds for all of them. Only
 * errors of the samples count: those of what they import are the business of `tsc`.
 */
function errorsOf(samples: Sample[], project = 'examples/tsconfig.json'): string[] {
  const byFile = new Map(samples.map((sample) => [join(root, sample.file), sample]));
  const files = new Map([...byFile].map(([file, { code }]) => [file, code]));
  const program = programOf(files, project);
  const errors = [...files.keys()].flatMap((file) => {
    const source = program.getSourceFile(file);
    return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
  });
  return [...program.getOptionsDiagnostics(), ...errors].map(({ file, start, messageText }) => {
    const at = byFile.get(file?.fileName ?? '')?.at;
    const line = file ? ts.getLineAndCharacterOfPosition(file, start ?? 0).line : 0;
    return `${at} + ${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

/** The pages of a folder, but for the one that lists them. */
function pagesOf(folder: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => /(?<!README)\.md$/.test(file));
  return files.map((file) => join(folder, file));
}

describe('the samples of the documentation compile as they stand', { timeout: 180_000 }, () => {
  it('README.md and docs, on Express where a page does not say', () => {
    const onOthers = ['docs/fastify.md', 'docs/next.md'];
    const readmes = ['README.md', 'packages/core/README.md', 'packages/express/README.md'];
    const pages = [...readmes, ...pagesOf('docs')].filter((page) => !onOthers.includes(page));
    const samples = pages.flatMap((page) => samplesOf(page, ofPages[page] ?? express));

    expect(samples.length).toBeGreaterThan(80);
    expect(errorsOf([...samples, ...beside])).toEqual([]);
  });

  it('docs/fastify.md, one session plugin at a time', () => {
    const samples = samplesOf('docs/fastify.md', fastify);
    const secure = samples.filter(({ code }) => code.includes('secureSession'));
    const others = samples.filter((sample) => !secure.includes(sample));

    expect(secure).toHaveLength(1);
    expect(errorsOf(secure)).toEqual([]);
    expect(errorsOf(others)).toEqual([]);
    expect(errorsOf(samplesOf('packages/fastify/README.md', {}))).toEqual([]);
  });

  it('docs/next.md', () => {
    const samples = samplesOf('docs/next.md', {}, 'examples/next-app');

    expect(samples.length).toBeGreaterThan(5);
    expect(errorsOf(samples, 'examples/tsconfig.next.json')).toEqual([]);
    const readme = samplesOf('packages/next/README.md', {}, 'examples/next-app');
    expect(errorsOf(readme, 'examples/tsconfig.next.json')).toEqual([]);
  });

  it('[R10] docs/tutorials, a whole program each', () => {
    const pages = pagesOf('docs/tutorials');
    const samples = pages.flatMap((page) => samplesOf(page, {}));

    expect(samples).toHaveLength(pages.length);
    expect(errorsOf(samples)).toEqual([]);
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
  const withText = (page: string): string =>
    readFileSync(join(root, page), 'utf8').replaceAll(/^```[\s\S]*?^```$/gm, '');
  const linksOf = (page: string): string[] =>
    [...withText(page).matchAll(/\]\(([^)\s]+)\)/g)].map(([, link = '']) => link);

  it('are all in the list of the README', () => {
    expect(linksOf('README.md')).toEqual(expect.arrayContaining(pagesOf('docs')));
  });

  it('explain every error code that is our own, and list every limit', () => {
    const core = join(root, 'packages/core/src');
    const guide = readFileSync(join(root, 'docs/guide.md'), 'utf8');
    const errors = readFileSync(join(core, 'error-codes.ts'), 'utf8');
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
    const text = pagesOf('docs')
      .map((page) => readFileSync(join(root, page), 'utf8'))
      .join('\n');

    expect(options).toContain('clientId');
    expect(options.filter((name) => !new RegExp(`\\b${name}\\b`).test(text))).toEqual([]);
  });

  it('lead to pages and headings that there are', () => {
    const folders = ['.', 'docs', 'docs/tutorials', 'docs/providers'];
    const pages = ['README.md', ...folders.flatMap(pagesOf)];
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
