import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

export const root: string = new URL('../..', import.meta.url).pathname.replace(/\/$/, '');

/** A sample of a page, as the module a reader would make of it. */
export interface Sample {
  file: string;
  /** The page and the line the sample begins on. */
  at: string;
  code: string;
}

/** What samples take for granted, by name; only what a sample does not declare itself is added. */
export type Context = Record<string, string>;

export const express: Context = {
  app: "declare const app: import('express').Express;",
  express: "import express from 'express';",
  session: "import session from 'express-session';",
  NextFunction: "import type { NextFunction, Request, Response } from 'express';",
  OAuth: "import { OAuth } from '@oauth-registry/express';",
  isOAuthError: "import { isOAuthError } from '@oauth-registry/express';",
  oauth:
    "declare const oauth: import('@oauth-registry/express').OAuth & " +
    "Record<'corp', import('@oauth-registry/express').ExpressClients['oauth2']>;",
  token: "declare const token: import('@oauth-registry/express').OAuth2Token;",
  tokens:
    "declare const tokens: { find(name: string, request: unknown): import('@oauth-registry/express').Token };",
};

/** What else a page leaves to the application. */
export const ofPages: Record<string, Context> = {
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
  'docs/sdks.md': {
    ...express,
    oauth:
      "declare const oauth: import('@oauth-registry/express').OAuth & " +
      "Record<'github' | 'google' | 'microsoft', import('@oauth-registry/express').ExpressClients['oauth2']>;",
    WebSocket: 'declare const WebSocket: new (url: string, protocols: string[]) => object;',
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

export const web: Context = {
  OAuth: "import { OAuth } from '@oauth-registry/web';",
  oauth:
    "declare const oauth: import('@oauth-registry/web').OAuth & " +
    "Record<'github', import('@oauth-registry/web').WebClients['oauth2']>;",
  createSession: "import { createSession } from '@oauth-registry/web';",
  secret: 'declare const secret: string;',
  setSession:
    "declare const setSession: ReturnType<typeof import('@oauth-registry/web').createSession<{ userId: string }>>['setSession'];",
  auth: 'declare const auth: (request: Request) => Promise<Response | undefined>;',
  handle: 'declare const handle: (request: Request) => Promise<Response>;',
};

export const fastify: Context = {
  app: "declare const app: import('fastify').FastifyInstance;",
  Fastify: "import Fastify from 'fastify';",
  FastifyRequest: "import type { FastifyRequest } from 'fastify';",
  OAuth: "import { OAuth } from '@oauth-registry/fastify';",
  isOAuthError: "import { isOAuthError } from '@oauth-registry/fastify';",
  secureSession: "import secureSession from '@fastify/secure-session';",
  randomBytes: "import { randomBytes } from 'node:crypto';",
};

/** What stands beside the samples: the adapter that somebody else writes. */
export const beside: Sample[] = [
  {
    file: 'test/samples-of-docs/undici.d.ts',
    at: 'undici',
    code: "declare module '@aws-sdk/credential-providers' { export function fromWebToken(init: { roleArn: string; webIdentityToken: string }): () => Promise<object>; } declare module '@microsoft/microsoft-graph-client' { export class Client { static initWithMiddleware(options: { authProvider: { getAccessToken(): Promise<string> } }): Client; } } declare module 'undici' { export class ProxyAgent { constructor(url: string); } }",
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
export function samplesOf(page: string, context: Context, folder = 'test'): Sample[] {
  const text = readFileSync(join(root, page), 'utf8');
  return [...text.matchAll(/^```(tsx?)(?: \[[^\]\n]*\])?\n([\s\S]*?)^```$/gm)].map(
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

/** The pages of a folder, but for the one that lists them. */
export function pagesOf(folder: string): string[] {
  const files = readdirSync(join(root, folder)).filter((file) => /(?<!README)\.md$/.test(file));
  return files.map((file) => join(folder, file));
}
