import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
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

/** What an application brings to the recipes for tokens. */
const keeping: Context = {
  ...express,
  ...Object.fromEntries(
    ['prisma', 'drizzle', 'oauthToken', 'and', 'eq', 'kysely', 'serverlessPool', 'customers'].map(
      (name) => [name, `declare const ${name}: any;`],
    ),
  ),
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

const sessionData =
  "import 'express-session'; declare module 'express-session' { interface SessionData { token: object; user: string | undefined } }";

const application = `
import type { ContractApp, ContractConfig } from '@oauth-registry/core/testing';
export declare function startApplication(config: ContractConfig): Promise<ContractApp>;`;

/** Every fenced sample of a page; one whose first line is a path comment is the module of that path. */
function samplesOf(page: string, folder: string): Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(tsx?)\n([\s\S]*?)^```$/gm)].map(
    ([, kind = '', code = ''], index): Sample => {
      const line = text.slice(0, text.indexOf(code)).split('\n').length;
      const path = /^\/\/ (\S+\.tsx?)\n/.exec(code)?.[1] ?? `sample-${index}.${kind}`;
      return { file: join(root, folder, 'samples-of-docs', path), at: `${page}:${line}`, code };
    },
  );
}

function complete(code: string, context: Context): string {
  const missing = Object.entries(context).filter(
    ([name]) =>
      new RegExp(`\\b${name}\\b`).test(code) &&
      !new RegExp(`(const|import|function)\\b[^;=(]*\\b${name}\\b[^;]*[;=(]`).test(code),
  );
  return `${missing.map(([, text]) => text).join(' ')} export {};\n${code}`;
}

/** A sample leaves things out, and readers have the rules of "strict" only. */
const ofReaders: ts.CompilerOptions = {
  noUnusedLocals: false,
  noUnusedParameters: false,
  noPropertyAccessFromIndexSignature: false,
};

/** Compiles files that are nowhere but here, with the options of a project file; returns the errors. */
function compile(files: ReadonlyMap<string, string>, project: string): string[] {
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
    return text === undefined
      ? getSourceFile(file, target)
      : ts.createSourceFile(file, text, target);
  };
  const program = ts.createProgram([...files.keys()], options, host);
  return ts.getPreEmitDiagnostics(program).map(({ file, start, messageText }) => {
    const line = file ? ts.getLineAndCharacterOfPosition(file, start ?? 0).line : 0;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, '\n')}`;
  });
}

function errorsOf(samples: Sample[], context: Context, project = 'examples/tsconfig.json') {
  const files = new Map(samples.map(({ file, code }) => [file, complete(code, context)]));
  const folder = dirname(samples[0]?.file ?? '');
  if (context === express || context === keeping) files.set(join(folder, 'data.d.ts'), sessionData);
  files.set(join(folder, 'application.ts'), application);
  return compile(files, project).map((error) =>
    samples.reduce((text, { file, at }) => text.replace(`${file}:`, `${at} + `), error),
  );
}

describe('the samples of the documentation compile as they stand', () => {
  it.each([
    'docs/guide.md',
    'docs/login.md',
    'docs/express.md',
    'docs/oauth1.md',
    'docs/oauth2.md',
    'docs/openid.md',
    'docs/mcp.md',
    'docs/testing.md',
  ])('%s', { timeout: 180_000 }, (page) => {
    const samples = samplesOf(page, 'test');

    expect(samples.length).toBeGreaterThan(1);
    expect(errorsOf(samples, express)).toEqual([]);
  });

  it('docs/tokens.md', { timeout: 180_000 }, () => {
    const samples = samplesOf('docs/tokens.md', 'test');

    expect(samples.length).toBeGreaterThan(10);
    expect(errorsOf(samples, keeping)).toEqual([]);
  });

  it('docs/fastify.md, one session plugin at a time', { timeout: 180_000 }, () => {
    const samples = samplesOf('docs/fastify.md', 'test');
    const isSecure = ({ code }: Sample): boolean => code.includes('secureSession');

    expect(samples.filter(isSecure)).toHaveLength(1);
    expect(errorsOf(samples.filter(isSecure), fastify)).toEqual([]);
    expect(
      errorsOf(
        samples.filter((sample) => !isSecure(sample)),
        fastify,
      ),
    ).toEqual([]);
  });

  it('docs/next.md', { timeout: 180_000 }, () => {
    const samples = samplesOf('docs/next.md', 'examples/next-app');

    expect(samples.length).toBeGreaterThan(5);
    expect(errorsOf(samples, {}, 'examples/tsconfig.next.json')).toEqual([]);
  });
});
