import { expect, it } from 'vitest';
import type { SessionPort } from '../model/ports.js';
import { memorySessionIndex } from '../stores/memory-session-index.js';
import { IndexedSessions } from './indexed-sessions.js';

const named = { client: 'corp', iss: 'https://op.example', sub: 'ada' };

it('ends all sessions of a user at the second attempt, if one could not be destroyed at first', async () => {
  const destroyed: string[] = [];
  let isDown = true;
  const sessionOf = (id: string): SessionPort => ({
    id,
    get: () => undefined,
    set: () => undefined,
    endOther: async (other) => {
      if (other === 'one' && isDown) throw Object.assign(new Error('down'), { code: 'EDOWN' });
      destroyed.push(other);
    },
  });
  const settings = { ttl: 60, limit: 10, timeout: undefined };
  const sessions = new IndexedSessions(memorySessionIndex(), settings);
  const logins = [];
  for (const id of ['zero', 'one', 'two']) logins.push(await sessions.add(named, sessionOf(id)));
  await expect(sessions.endNamed(named, sessionOf('of the provider'))).rejects.toThrow('down');
  expect(destroyed).toEqual(['zero']);
  isDown = false;
  await sessions.endNamed(named, sessionOf('of the provider'));
  expect(destroyed).toEqual(['zero', 'zero', 'one', 'two']);
  expect(await Promise.all(logins.map((login) => sessions.hasEnded(login)))).toEqual([
    true,
    true,
    true,
  ]);
});
