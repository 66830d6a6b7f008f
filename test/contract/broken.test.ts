import { expect, it } from 'vitest';
import { adapterContract, runCheck } from './adapter-contract.js';
import { broken, brokenRegistry } from './broken.js';
import { expressAdapter } from './express.js';

/** Whether an adapter fails a check, by an assertion and not by accident. */
async function fails(id: string, how: keyof typeof broken): Promise<boolean> {
  const check = adapterContract.find((one) => one.id === id);
  const keeping = broken[how];
  if (!check || !keeping) throw new Error(`There is no "${id}" or "${how}".`);
  const adapter = expressAdapter({ registry: brokenRegistry(keeping) });
  try {
    await runCheck(check, adapter);
    return false;
  } catch (error) {
    if (error instanceof Error && error.name === 'AssertionError') return true;
    throw error;
  }
}

it.each([
  ['state not taken', ['race', 'spent-by-failure', 'spent-by-error']],
  ['save not awaited', ['store-set-fails/platform', 'twenty/same/backwards']],
  ['session check skipped', ['csrf-no-login', 'csrf-other-login', 'fixation-pending']],
])('[X10] the contract catches an adapter with %s, though it logs in', async (how, ids) => {
  for (const id of ['login-openid', 'login-plain', 'login-oauth1'])
    expect([id, await fails(id, how)]).toEqual([id, false]);
  for (const id of ids) expect([id, await fails(id, how)]).toEqual([id, true]);
});
