import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { inspect } from 'node:util';
import * as core from '@oauth-registry/core';
import * as adapter from '@oauth-registry/core/adapter';
import * as oauth1 from '@oauth-registry/core/oauth1';
import * as providers from '@oauth-registry/core/providers';
import * as memory from '@oauth-registry/core/stores/memory';
import * as express from '@oauth-registry/express';
import * as fastify from '@oauth-registry/fastify';
import * as next from '@oauth-registry/next';
import * as web from '@oauth-registry/web';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

const packages = join(import.meta.dirname, '../../packages');
const entries = { core, adapter, oauth1, providers, memory, express, fastify, next };
const canary = 'canary-0123456789-of-thirty-two-characters';

/** A registry with a secret in every place that takes one. */
function registryOf({ OAuth }: Pick<typeof core, 'OAuth'>): object {
  const options = {
    secret: `${canary}-seal`,
    config: { CONFIGURED_CLIENT_SECRET: `${canary}-configured`, OTHER: `${canary}-other` },
    tokenStore: memory.memoryStore(),
  };
  return new OAuth(options)
    .register('two', {
      clientId: 'a',
      clientSecret: `${canary}-two`,
      issuer: 'https://id.example',
      scope: 'openid',
    })
    .register('configured', { clientId: 'a', issuer: 'https://id.example' })
    .register('key', {
      clientId: 'a',
      issuer: 'https://id.example',
      headers: { api: { 'x-key': `${canary}-header` } },
      accessTokenParams: { key: `${canary}-param` },
    })
    .register('one', {
      clientId: 'a',
      clientSecret: `${canary}-one`,
      requestTokenUrl: 'https://one.example/request',
      authorizeUrl: 'https://one.example/authorize',
      accessTokenUrl: 'https://one.example/access',
    })
    .register('steam', { apiKey: `${canary}-api` });
}

/** Every text that properties, getters, symbols, prototypes, constructors and collections lead to. */
function reachable(start: unknown): string[] {
  const seen = new Set<unknown>();
  const found: string[] = [];
  const queue: [unknown, unknown][] = [[start, start]];
  for (let one = queue.pop(); one !== undefined; one = queue.pop()) {
    const [value, self] = one;
    if (typeof value === 'string') found.push(value);
    const isContainer =
      (typeof value === 'object' && value !== null) || typeof value === 'function';
    if (!isContainer || seen.has(value) || isBuiltIn(value)) continue;
    seen.add(value);
    if (value instanceof Map || value instanceof Set) queue.push([[...value], undefined]);
    const prototype: unknown = Object.getPrototypeOf(value);
    queue.push([prototype, self]);
    for (const key of Reflect.ownKeys(value)) queue.push([read(value, key, self), undefined]);
  }
  return found;
}

/** Reads a property as the object that inherits it would. */
function read(holder: object, key: string | symbol, self: unknown): unknown {
  const { get, value } = Object.getOwnPropertyDescriptor(holder, key) ?? {};
  try {
    return get ? (get.call(self ?? holder) as unknown) : value;
  } catch {
    return undefined;
  }
}

const builtIns = new Set<unknown>(
  Reflect.ownKeys(globalThis).flatMap((name) => {
    const value: unknown = Reflect.get(globalThis, name);
    return typeof value === 'function' ? [value, value.prototype] : [value];
  }),
);

function isBuiltIn(value: unknown): boolean {
  return builtIns.has(value) || value === Function.prototype;
}

/** The classes of an object, the nearest first. */
function classesOf(value: object): (new (...args: never[]) => unknown)[] {
  const { constructor } = value;
  const classes = [];
  for (let at: unknown = constructor; at !== Function.prototype && at;) {
    classes.push(at as new () => unknown);
    at = Object.getPrototypeOf(at);
  }
  return classes;
}

const registries = [
  ['core', core],
  ['express', express],
  ['fastify', fastify],
  ['next', next],
  ['web', web],
] as const;

describe.each(registries)('the registry of %s', (_, entry) => {
  const oauth = registryOf(entry as Pick<typeof core, 'OAuth'>);
  const clients = Object.values(oauth).filter((value) => 'identity' in (value as object));

  it('has clients, so that the walks below find what there is to find', () => {
    expect(clients).toHaveLength(5);
    expect(reachable(oauth)).toContain('steam');
    expect(reachable({ hidden: [{ deep: canary }] })).toContain(canary);
  });

  it('leads to no secret by any property, getter, symbol, prototype or constructor', () => {
    for (const value of [oauth, ...clients]) {
      expect(reachable(value).filter((text) => text.includes('canary'))).toEqual([]);
    }
  });

  it('is shown without secrets by inspect() and JSON', () => {
    const everything = { depth: Infinity, showHidden: true, showProxy: true, getters: true };
    expect(inspect(oauth, everything)).not.toContain('canary');
    expect(JSON.stringify(oauth)).not.toContain('canary');
    expect(inspect(structuredCloneOf(clients), everything)).not.toContain('canary');
  });

  it('has no static that takes a client or a registry apart', () => {
    const own = [oauth, ...clients].flatMap((value) => classesOf(value as object));
    expect(own.flatMap((one) => staticsOf(one))).toEqual([]);
  });

  it('hands no secret to a subclass of its clients or of itself', () => {
    for (const value of [oauth, ...clients]) {
      const [Class] = classesOf(value as object);
      class Spy extends (Class as new (...args: never[]) => object) {}
      const spied: unknown = Object.setPrototypeOf(Object.create(value as object), Spy.prototype);
      expect(reachable(spied).filter((text) => text.includes('canary'))).toEqual([]);
    }
  });
});

/** What a copy takes over: own properties alone. */
function structuredCloneOf(values: unknown[]): unknown[] {
  return values.map((value) => ({ ...(value as object) }));
}

function staticsOf(one: object): string[] {
  const usual = ['length', 'name', 'prototype', 'stackTraceLimit', 'captureStackTrace'];
  return Reflect.ownKeys(one)
    .map(String)
    .filter((key) => !usual.includes(key));
}

describe('the entries', () => {
  it('export functions and classes without statics', () => {
    const found = Object.entries(entries).flatMap(([entry, exports]) =>
      Object.entries(exports)
        .filter(([, value]) => typeof value === 'function')
        .flatMap(([name, value]) => staticsOf(value).map((key) => `${entry}: ${name}.${key}`)),
    );
    // What fastify-plugin adds to the plugin.
    const ours = found.filter((one) => !/^fastify: (?:fastifyOAuth|default)\./.test(one));
    expect(ours).toEqual([]);
  });

  it('export nothing that reads a client from inside', () => {
    const names = Object.values(entries).flatMap((exports) => Object.keys(exports));
    expect(names.filter((name) => /inside|clientsOf|reach|configOf/i.test(name))).toEqual([]);
  });
});

describe('the declarations', () => {
  it('have no static, and no member with the options of a client or of a registry', () => {
    const lines = ['core', 'express', 'fastify', 'next', 'web'].flatMap((name) => classLines(name));
    const isStatic = /^\s+(?:protected |private )?static /;
    const hasOptions =
      /^\s+(?:readonly |protected |get )*[\w#]+(?:\(\))?: .*\b(?:RegisterOptions|RegistryOptions|ClientConfig)\b/;
    expect(lines.length).toBeGreaterThan(100);
    expect(lines.filter((line) => isStatic.test(line) || hasOptions.test(line))).toEqual([]);
  }, 60_000);
});

/** The lines of the classes that a package declares. */
function classLines(name: string): string[] {
  const folder = join(packages, name, 'src');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /(?<!\.test)\.ts$/.test(file))
    .map((file) => join(folder, file))
    .filter((file) => /^export (?:abstract )?class /m.test(readFileSync(file, 'utf8')))
    .flatMap((file) => classBodies(declarationOf(file)));
}

function declarationOf(fileName: string): string {
  const options = { fileName, compilerOptions: { isolatedDeclarations: true } };
  return ts.transpileDeclaration(readFileSync(fileName, 'utf8'), options).outputText;
}

/** The lines of the declared classes. */
function classBodies(text: string): string[] {
  const bodies = text.match(/^export declare (?:abstract )?class [^]*?^\}/gm) ?? [];
  return bodies.flatMap((body) => body.split('\n'));
}
