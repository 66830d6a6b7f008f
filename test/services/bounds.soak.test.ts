import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from 'vitest';
import { boundsCases, growthOf } from '../../bench/bounds-cases.js';
import { rounds } from '../support/rounds.js';

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** A tenth still is several times what may be in memory. */
const scale = rounds(1, 10) / 10;

it.each(boundsCases)(
  'grows the heap by a bounded number of bytes for $name',
  { timeout: rounds(5, 60) * 60_000 },
  async (one) => {
    const growth = await growthOf(one, scale, collect);
    console.log(`${one.name}, × ${scale}: ${growth.toFixed(1)} MB (at most ${one.limit})`);
    expect(growth).toBeLessThan(one.limit);
  },
);
