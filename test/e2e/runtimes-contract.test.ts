import { afterAll, expect, it } from 'vitest';
import { describeContract } from '../contract/describe.js';
import { startRuntimes } from '../contract/runtimes.js';

const runtimes = await startRuntimes();
afterAll(() => Promise.all(runtimes.map(({ close }) => close())));

describeContract(runtimes.map(({ adapter }) => adapter));

it('[X10] every row is served by its runtime', () => {
  expect(runtimes.map(({ runtime }) => runtime)).toEqual([
    expect.stringMatching(/^Bun\//),
    expect.stringMatching(/^Deno\//),
    'Cloudflare-Workers',
  ]);
});
