import { describe, expect, it } from 'vitest';
import { secretParams, redactErrorFields } from './sent-secrets.js';

const pieces = Array.from({ length: 20_000 }, (_, index) => `piece-${index}`);

describe('the secrets of a callback', () => {
  it.each([
    ['parts of one value', new URLSearchParams({ code: pieces.join('&') })],
    ['repeated parameters', new URLSearchParams(pieces.map((piece) => ['assertion', piece]))],
    ['repeated states', new URLSearchParams(pieces.map((piece) => ['state', piece]))],
  ])('are bounded, whoever sends %s, as each is looked for in its words', (_name, params) => {
    expect(secretParams(params).length).toBeLessThanOrEqual(100);
  });

  it('are cut out of the words, whole and in their parts', () => {
    const secrets = secretParams(new URLSearchParams({ code: 'abc-1&def-2', state: 'the-state' }));
    const words = { error_description: 'abc-1&def-2 was used, def-2, the-state' };
    expect(redactErrorFields(words, secrets).error_description).toBe('[…] was used, […], […]');
  });

  it.each([1900, 2100, 30_000])(
    'of %i characters are cut out from the point at which they begin in what is shown, and so is what follows them',
    (length) => {
      const secret = `${'a'.repeat(length / 2)}b${'c'.repeat(length / 2)}`;
      const words = { error_description: `${'x'.repeat(1500)} ${secret} end` };
      const { error_description: shown = '' } = redactErrorFields(words, [secret]);
      expect(shown.slice(0, 1504)).toBe(`${'x'.repeat(1500)} […]`);
      expect(shown).not.toMatch(/aaaa|cccc/);
    },
  );

  it('leave no more of long words than twice what is shown, so that comparing them stays cheap', () => {
    const words = { error_description: 'x'.repeat(100_000) };
    expect(redactErrorFields(words, []).error_description).toHaveLength(4000);
  });
});
