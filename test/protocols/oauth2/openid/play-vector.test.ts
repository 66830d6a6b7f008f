import { afterAll, beforeAll, expect, test } from 'vitest';
import { idTokenVectors } from './id-token-vectors.js';
import { playVector } from './play-vector.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { authorizeByHand, redeemByHand } from '../../../support/provider/login.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

test('every vector travels through a login as it was built', async () => {
  for (const vector of idTokenVectors) {
    provider.reset();
    playVector(provider, vector);
    const answer = await redeemByHand(provider, await authorizeByHand(provider));
    const body = (await answer.json()) as Record<string, unknown>;
    expect(answer.status, vector.id).toBe(200);
    expect('id_token' in body, vector.id).toBe(vector.id !== 'N89');
    const keys = await fetch(`${provider.base}/jwks`);
    expect(keys.status, vector.id).toBe(vector.id === 'N91' ? 500 : 200);
  }
});
