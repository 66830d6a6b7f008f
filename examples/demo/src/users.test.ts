import type { UserInfo } from '@oauth-registry/core';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { openDatabase, type Database } from './database.js';
import { openUsers, type Users } from './users.js';

let database: Database;
let users: Users;

beforeAll(async () => {
  database = await openDatabase();
  users = await openUsers(database);
}, 60_000);

beforeEach(async () => {
  await database.query('TRUNCATE users');
});

afterAll(() => database.close());

test('[F1] creates an account at the first login', async () => {
  const user = await users.signIn('octo', { sub: '583231', name: 'Mona', email: 'mona@x.example' });

  expect(user).toMatchObject({ id: 'octo$583231', nickname: 'Mona', email: 'mona@x.example' });
  expect(user.createdAt.getTime()).toBeCloseTo(Date.now(), -5);
  expect(await users.find('octo$583231')).toEqual(user);
});

test('[F1] finds the same account at the second login, with what the provider says now', async () => {
  const first = await users.signIn('octo', {
    sub: '583231',
    name: 'Mona',
    email: 'mona@x.example',
  });
  const second = await users.signIn('octo', { sub: '583231', name: 'Mona T.' });

  expect(second).toEqual({ id: first.id, nickname: 'Mona T.', createdAt: first.createdAt });
  expect(await users.list()).toEqual([second]);
});

test('[F2] keeps two people apart to whom two providers gave the same identifier', async () => {
  await users.signIn('octo', { sub: '7', name: 'Mona' });
  await users.signIn('photos', { sub: '7', name: 'Vivian' });

  expect(await users.find('octo$7')).toMatchObject({ nickname: 'Mona' });
  expect(await users.find('photos$7')).toMatchObject({ nickname: 'Vivian' });
});

test('[F2] takes people who share the same email address for different people', async () => {
  await users.signIn('octo', { sub: '1', name: 'A', email: 'team@x.example' });
  await users.signIn('octo', { sub: '2', name: 'B', email: 'team@x.example' });

  expect(await users.list()).toHaveLength(2);
});

test.each([[{}], [{ email: '' }], [{ email: null }]])(
  '[F2] accepts a provider that gives no email address: %j',
  async (claims) => {
    const profile: Record<string, unknown> = { sub: 'u-1926', name: 'Vivian', ...claims };
    const user = await users.signIn('photos', profile as UserInfo);

    expect(user).not.toHaveProperty('email');
    expect(await users.find('photos$u-1926')).toEqual(user);
  },
);

test('[F2] accepts identifiers that are numbers, and takes them for the same in text', async () => {
  const profile: Record<string, unknown> = { sub: 583_231, name: 'Mona' };
  const { id } = await users.signIn('octo', profile as UserInfo);

  expect(id).toBe('octo$583231');
  expect(await users.signIn('octo', { sub: '583231', name: 'Mona' })).toMatchObject({ id });
});

test.each([
  [{ sub: '1', name: 'Full Name', nickname: 'nick' }, 'Full Name'],
  [{ sub: '1', nickname: 'nick', preferred_username: 'user' }, 'nick'],
  [{ sub: '1', name: '', preferred_username: 'user' }, 'user'],
  [{ sub: '1' }, '1'],
])('[F2] calls %j "%s"', async (profile, expected) => {
  expect(await users.signIn('octo', profile)).toMatchObject({ nickname: expected });
});

test.each([[{}], [{ sub: '' }]])('refuses a profile that names nobody: %j', async (profile) => {
  await expect(users.signIn('octo', profile)).rejects.toThrow('no "sub"');
  expect(await users.list()).toEqual([]);
});

test('makes one account of two first logins at the same time', async () => {
  const logins = Array.from({ length: 5 }, () => users.signIn('octo', { sub: '1', name: 'Mona' }));

  expect(new Set((await Promise.all(logins)).map(({ id }) => id)).size).toBe(1);
  expect(await users.list()).toHaveLength(1);
});

test('takes names for data, whatever they contain', async () => {
  const name = `Robert'); DROP TABLE users; -- <b>&"`;

  expect(await users.signIn('octo', { sub: name, name })).toMatchObject({ nickname: name });
  expect(await users.list()).toHaveLength(1);
});
