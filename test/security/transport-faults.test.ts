import { isOAuthError } from '@oauth-registry/core';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser } from '../support/browser.js';
import { appSecrets, leaks, listenToOutput, secretsOf, textsOf } from '../support/canaries.js';
import { startProvider, type FakeProvider, type Fault } from '../support/provider/index.js';
import { allFaults, endpointKinds, play, sentSecrets } from '../support/endpoints.js';

let provider: FakeProvider;
let elsewhere: FakeProvider;
let printed: () => string;

beforeAll(async () => {
  provider = await startProvider({ clientSecret: appSecrets.client });
  elsewhere = await startProvider();
});
afterAll(() => Promise.all([provider.close(), elsewhere.close()]));
beforeEach(() => {
  printed = listenToOutput();
});
afterEach(() => {
  vi.restoreAllMocks();
  provider.reset();
  elsewhere.reset();
});

const late = ['timeout'];
const broken = ['provider_unavailable'];
const big = ['response_too_large'];
const refused = ['provider_refused', 'provider_unavailable', 'invalid_metadata'];
const odd = ['invalid_response', 'invalid_metadata', 'invalid_userinfo'];

/** The codes of the errors that each fault ends in; those left out leave an answer intact. */
const outcomes: Partial<Record<Fault, string[]>> = {
  hang: late,
  'headers-then-hang': late,
  drip: late,
  'length-lies': late,
  reset: broken,
  cut: broken,
  'big-headers': broken,
  huge: big,
  endless: big,
  'gzip-bomb': big,
  'brotli-bomb': big,
  'redirect-302': ['invalid_response'],
  'redirect-307': ['invalid_response'],
  'html-500': broken,
  'json-500': [...broken, 'server_error'],
  'unavailable-503': broken,
  'rate-limited': broken,
  'text-400': refused,
  'missing-404': refused,
  'html-200': odd,
  empty: odd,
  'no-content': [...odd, 'provider_unavailable'],
  array: odd,
  null: odd,
  string: odd,
  'broken-json': odd,
  'deep-json': odd,
};

/** Faults of a body that is never read; a drop of one may arrive in time. */
const ofTheBody: Fault[] = [
  ...(['drip', 'html-200', 'empty', 'no-content', 'array', 'null', 'string'] as const),
  ...(['broken-json', 'deep-json'] as const),
];

const aMoment = 120;

describe.each(Object.entries(endpointKinds))('%s', (_name, kind) => {
  it.each(allFaults)('[X4] bears the fault %s, and says nothing secret of it', async (fault) => {
    provider.quirks.elsewhere = elsewhere.base;
    const arm = play(provider, kind, fault);
    const expected = kind.outcomes?.[fault] ?? outcomes[fault];
    const http = { timeout: expected === late ? aMoment : 10_000 };
    const ask = await kind.begin({ provider, http, made: [] });
    arm();
    const outcome: unknown = await ask().then(plainData, (error: unknown) => error);

    const code = isOAuthError(outcome) ? outcome.code : 'fine';
    const fine = !expected || (kind.ignoresBody && ofTheBody.includes(fault)) ? [code] : [];
    expect([...(expected ?? []), ...fine]).toContain(code);
    expect(outcome instanceof Error).toBe(code !== 'fine');
    expect(elsewhere.count()).toBe(0);
    const secrets = [...secretsOf(provider, new Browser(), []), ...Object.values(sentSecrets)];
    const texts = outcome instanceof Error ? textsOf(outcome) : {};
    expect(leaks({ ...texts, printed: printed() }, secrets)).toEqual([]);
  });

  it('[X4] succeeds when nothing is wrong', async () => {
    play(provider, kind);
    const ask = await kind.begin({ provider, http: {}, made: [] });
    const outcome: unknown = await ask().catch((error: unknown) => error);
    expect(isOAuthError(outcome) ? outcome.code : 'fine').toBe('fine');
  });
});

/** Checks that no object of an answer has a prototype that the answer chose. */
function plainData(value: unknown): unknown {
  if (typeof value !== 'object' || value === null || value instanceof Response) return value;
  expect(Object.keys(value)).not.toContain('__proto__');
  expect([Object.prototype, Array.prototype, null]).toContain(Object.getPrototypeOf(value));
  expect((value as Record<string, unknown>)['isAdmin']).toBeUndefined();
  for (const [name, member] of Object.entries(value)) if (name !== 'constructor') plainData(member);
  return value;
}
