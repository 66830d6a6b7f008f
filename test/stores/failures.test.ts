import { inspect } from 'node:util';
import { OAuth } from '@oauth-registry/core';
import type { TokenStore } from '@oauth-registry/core/types';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { describe, expect, it } from 'vitest';
import { rejection } from '../support/login.js';

const canary = 'canary: the row of ada';

/** What drivers throw: the words of the server, and a code beside them. */
function thrown(message: string, more: object = {}): Error {
  return Object.assign(new Error(`${message} ${canary}`), { detail: canary }, more);
}

async function failure(error: Error) {
  const get = (): never => {
    throw error;
  };
  const tokenStore: TokenStore = { ...memoryStore(), get };
  const { plain } = new OAuth({ config: {}, tokenStore }).register('plain', {
    clientId: 'app',
    authorizeUrl: 'http://127.0.0.1:9/authorize',
    accessTokenUrl: 'http://127.0.0.1:9/token',
    apiBaseUrl: 'http://127.0.0.1:9/api',
  });
  return await rejection(plain.get('me', { userId: 'ada' }));
}

describe('the failure of a token store', () => {
  it.each([
    ['a missing table of PostgreSQL', '42P01', thrown('relation', { code: '42P01' }), 'migrate()'],
    ['a schema that is missing', '3F000', thrown('schema', { code: '3F000' }), 'migrate()'],
    ['a right that is missing', '42501', thrown('permission', { code: '42501' }), 'permission'],
    ['a wrong password', '28P01', thrown('password', { code: '28P01' }), 'password'],
    ['too many connections', '53300', thrown('sorry', { code: '53300' }), 'try again'],
    [
      'MySQL’s missing table',
      'ER_NO_SUCH_TABLE',
      thrown('Table', { code: 'ER_NO_SUCH_TABLE' }),
      'migrate()',
    ],
    [
      'a SQLSTATE of its own name',
      '40001',
      thrown('deadlock', { errno: 1213, sqlState: '40001' }),
      'try again',
    ],
    ['Redis without a login', 'NOAUTH', thrown('NOAUTH Authentication required.'), 'password'],
    ['Redis without room', 'OOM', thrown('OOM command not allowed when used memory'), 'space'],
    ['another key of Redis', 'WRONGTYPE', thrown('WRONGTYPE Operation against a key'), 'try again'],
    ['a replica of Redis', 'READONLY', thrown("READONLY You can't write against"), 'try again'],
    [
      'a cause that says it',
      'ECONNRESET',
      new Error(canary, { cause: thrown('x', { code: 'ECONNRESET' }) }),
      'try again',
    ],
  ])('says what it was, in a word, and what to do: %s', async (...given) => {
    const [, reason, error, advice] = given;
    const seen = await failure(error);
    expect(seen).toMatchObject({ code: 'storage_failed', reason });
    expect(seen.message).toContain(`(${reason})`);
    expect(seen.message).toContain(advice);
  });

  it('has a cause with the class and the frames of the store’s error, and none of its words', async () => {
    class DatabaseError extends Error {
      override readonly name = 'DatabaseError';
      readonly code = '42P01';
    }
    const error = new DatabaseError(`${canary}\n    at canary (/in/the/message)`);
    const seen = await failure(error);
    expect(seen.cause).toMatchObject({ name: 'DatabaseError', message: '42P01' });
    expect((seen.cause as Error).stack).toContain('failures.test');
    for (const text of [inspect(seen, { depth: 9 }), JSON.stringify(seen), String(seen.stack)])
      expect(text).not.toContain('canary');
  });

  it('has no reason if it is nothing but words', async () => {
    const seen = await failure(new Error(`SECRET ${canary}`));
    expect(seen).toMatchObject({ code: 'storage_failed', reason: undefined });
    expect(inspect(seen, { depth: 9 })).not.toContain('canary');
  });
});
