import { describe, expect, it } from 'vitest';
import { withReceived } from './received.js';

describe('the description of a valid value', () => {
  it.each([
    ['must be true or false', 'yes', 'must be true or false (it is a string)'],
    ['must be a function', ['a'], 'must be a function (it is a list)'],
    ['must be a list of tenants', [], 'must be a list of tenants (it is an empty list)'],
    ['must be a number, 0 or more', -1, 'must be a number, 0 or more (it is -1)'],
    ['must be a non-empty string', '', 'must be a non-empty string (it is empty)'],
    ['must be an absolute URL', { a: 1 }, 'must be an absolute URL (it is an object)'],
    ['must be an object', null, 'must be an object (it is null)'],
    ['must be an object', Symbol('x'), 'must be an object (it is a symbol)'],
  ])('%s is completed with the type of the value: %j', (sentence, value, expected) => {
    expect(withReceived(sentence, value)).toBe(expected);
  });

  it.each([
    ['must be one of S256, off', 'a secret'],
    ['must be an absolute URL', 'a secret'],
    ['must be an object of strings', { a: 'a secret' }],
    ['must be a list of strings', ['a secret']],
  ])('%s is not completed if the type is right: %j', (sentence, value) => {
    expect(withReceived(sentence, value)).toBe(sentence);
  });

  it('does not quote a number that may be a secret', () => {
    expect(withReceived('must be a non-empty string', 12_345)).toBe(
      'must be a non-empty string (it is a number)',
    );
  });
});
