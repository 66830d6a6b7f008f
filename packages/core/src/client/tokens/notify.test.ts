import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { tokenOf, tokensConfig } from '../../../../../test/support/tokens-config.js';
import { notifyRevoked, notifyUpdate, notifyWarning } from './notify.js';

const names = ['token:update', 'grant:revoked', 'token:warning'] as const;
const published: unknown[] = [];
const record = (message: unknown, channel: string | symbol): void =>
  void published.push([channel, message]);

beforeEach(() => {
  published.length = 0;
  for (const name of names) subscribe(`oauth-registry:${name}`, record);
});
afterEach(() => {
  for (const name of names) unsubscribe(`oauth-registry:${name}`, record);
});

const token = tokenOf('new');
const update = { token, old: { accessToken: 'at-old' }, request: 'request' };
const dead = { token, reason: 'lost' as const, userId: 'ada', account: '' };
const failing = () => Promise.reject(new Error('down'));

it('publishes a new token without the token, after the hook and the listeners', async () => {
  const { config, updates } = tokensConfig();
  const events: unknown[] = [];
  config.events.on('token:update', (event) => void events.push(event));
  await notifyUpdate(config, update);
  expect(updates).toEqual([['corp', token, update.old, 'request']]);
  expect(events).toEqual([{ client: 'corp', token, ...update.old, request: 'request' }]);
  expect(published).toEqual([['oauth-registry:token:update', { client: 'corp' }]]);
  const failed = tokensConfig({ registry: { updateToken: failing } });
  await expect(notifyUpdate(failed.config, update)).rejects.toThrow('down');
  expect(published).toHaveLength(1);
});

it('needs no hook', async () => {
  const none = { updateToken: undefined, onGrantRevoked: undefined };
  const { config } = tokensConfig({ registry: none });
  await notifyUpdate(config, update);
  await notifyRevoked(config, dead, 'request');
  expect(published).toHaveLength(2);
});

it('prefers the hooks of the client', async () => {
  const called: string[] = [];
  const options = {
    updateToken: async () => void called.push('update'),
    onGrantRevoked: async () => void called.push('revoked'),
  };
  const { config, updates, ended } = tokensConfig({ more: { options } });
  await notifyUpdate(config, update);
  await notifyRevoked(config, dead, 'request');
  expect(called).toEqual(['update', 'revoked']);
  expect([updates, ended]).toEqual([[], []]);
});

it('reports an ended authorization to the listeners although the hook fails', async () => {
  const { config } = tokensConfig({ registry: { onGrantRevoked: failing } });
  const events: unknown[] = [];
  config.events.on('grant:revoked', (event) => void events.push(event));
  await expect(notifyRevoked(config, dead, 'request')).rejects.toThrow('down');
  expect(events).toEqual([{ client: 'corp', ...dead, request: 'request' }]);
  const { token: _, ...named } = dead;
  expect(published).toEqual([['oauth-registry:grant:revoked', { client: 'corp', ...named }]]);
});

it('reports a warning, and ignores that a listener fails', async () => {
  const { config } = tokensConfig();
  const events: unknown[] = [];
  config.events.on('token:warning', async (event) => {
    events.push(event);
    await failing();
  });
  const warning = { field: 'expires_in', message: 'It is unreadable.' } as never;
  notifyWarning(config.events, 'corp', warning);
  const expected = { client: 'corp', field: 'expires_in', message: 'It is unreadable.' };
  expect(events).toEqual([expected]);
  expect(published).toEqual([['oauth-registry:token:warning', expected]]);
});
