import { describe, expect, it } from 'vitest';
import { allowedAlgorithms } from './policy.js';

describe('allowedAlgorithms', () => {
  it.each([
    ['ES256', undefined, ['ES256']],
    ['HS256', ['RS256'], ['HS256']],
    [undefined, ['none', 'HS256', 'ES256', 'RS256', 7], ['RS256', 'ES256']],
    [undefined, ['none', 'HS256'], []],
    [undefined, [], []],
  ])('configured %s, advertised %j: %j', (configured, advertised, expected) => {
    expect(allowedAlgorithms(configured, advertised)).toEqual(expected);
  });

  it.each(['none', 'NONE', '', 'ES256K', 'constructor'])(
    'refuses to be configured with "%s"',
    (alg) => {
      expect(() => allowedAlgorithms(alg, [alg])).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      );
    },
  );

  it.each([undefined, 'RS256', null])(
    'allows every asymmetric one when %j is advertised',
    (list) => {
      const all = allowedAlgorithms(undefined, list);
      expect(all).toHaveLength(11);
      expect(all.filter((alg) => /^HS|none/i.test(alg))).toEqual([]);
    },
  );
});
