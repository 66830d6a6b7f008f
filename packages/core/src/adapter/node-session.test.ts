import { describe, expect, it } from 'vitest';
import {
  connectStore,
  nodeSession,
  withoutSession,
  type ConnectStore,
  type FoundSession,
} from './node-session.js';

const missing = Object.assign(new Error('no such file'), { code: 'ENOENT' });
/** A store of files without a folder. */
const store: ConnectStore = {
  get: (_id, done) => done(missing),
  set: (_id, _session, done) => done(missing),
  destroy: (_id, done) => done(missing),
};
const found = { https: false, howToAdd: '', howToSecure: '' };

describe('a missing file in a session store', () => {
  it('is a missing entry when one is read or removed', async () => {
    const { take } = connectStore(store);
    expect(await take('key')).toBeUndefined();
    const session: FoundSession['session'] = { user: 'ada', cookie: {} };
    await expect(
      nodeSession({ ...found, session, store }).endOther?.('id'),
    ).resolves.toBeUndefined();
  });

  it('is an error when an entry is written', async () => {
    await expect(connectStore(store).put('key', 'value', 60)).rejects.toBe(missing);
  });

  it('is an error when the session is saved, renewed or ended', async () => {
    const fail = (done: (error?: unknown) => void): void => done(missing);
    const session = { user: 'ada', cookie: {}, save: fail, regenerate: fail, destroy: fail };
    const { save, renew, end } = nodeSession({ ...found, session, store });
    for (const step of [save, renew, end]) await expect(step?.()).rejects.toBe(missing);
  });
});

it('a framework without a session says so with the reason that lets cookies replace it', () => {
  const reason = { code: 'missing_session', reason: 'NO_SESSION' };
  expect(withoutSession('node:http')).toThrow(expect.objectContaining(reason));
  const byHand = () => nodeSession({ ...found, session: undefined });
  expect(byHand).toThrow(expect.objectContaining(reason));
});
