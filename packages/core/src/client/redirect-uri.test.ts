import { describe, expect, it } from 'vitest';
import { checkReturnTo } from './redirect-uri.js';

const base = 'https://app.example';

// prettier-ignore
const foreign = [
  '//evil.com', '///evil.com', '/\\evil.com', '\\\\evil.com', '\\/evil.com', '/\t/evil.com',
  '/\n/evil.com', '/\r/evil.com', '/\t\\evil.com', ' //evil.com', '\0//evil.com',
  'https:///evil.com', 'http:evil.com', 'https://app.example@evil.com', '//evil。com',
  'https://app.example.evil.com', 'https://app.example%2eevil.com', 'http://app.example/x',
  'https://app.example:8443/x',
    'javascript:alert(1)',
    'data:text/html,x',
    '//',
    '/\\',
    'http://[',
];

/** Same origin once resolved, another host once written as a path. */
// prettier-ignore
const reread = [
  '/.//evil.com', '/./\\evil.com', '/..//evil.com', '/%2e//evil.com', '/%2e%2e//evil.com',
  '/foo/..//evil.com', '/a/../..//evil.com', 'https://app.example//evil.com',
  'blob:https://app.example/x', '/%2f%2fevil.com', '/%252f%252fevil.com', '/%5cevil.com',
  '/%09/evil.com', '/a%0d%0aSet-Cookie:x=1', 'https://user@app.example/', '/\v/evil.com',
];

const fine: [string, string][] = [
  ['/', '/'],
  ['/shop?a=1&b=//evil.com#top', '/shop?a=1&b=//evil.com#top'],
  ['shop', '/shop'],
  ['?page=2', '/?page=2'],
  ['https://app.example/account', '/account'],
  ['https:evil.com', '/evil.com'],
  ['@evil.com', '/@evil.com'],
  ['/ /evil.com', '/%20/evil.com'],
  ['/caf%C3%A9', '/caf%C3%A9'],
  ['/100%', '/100%'],
  ['/q?text=a%0Ab', '/q?text=a%0Ab'],
];

describe('checkReturnTo', () => {
  it.each(foreign)('[D3] refuses what leads to another origin: %j', (value) => {
    expect(checkReturnTo(value, base)).toBeUndefined();
  });

  it.each(reread)('[D3] refuses what a later reader may take for a host: %j', (value) => {
    expect(checkReturnTo(value, base)).toBeUndefined();
  });

  it.each(fine)('[D3] returns the path that %j means', (value, path) => {
    expect(checkReturnTo(value, base)).toBe(path);
  });

  it('[D3] takes 2048 characters, and not one more', () => {
    expect(checkReturnTo(`/${'x'.repeat(2047)}`, base)).toHaveLength(2048);
    expect(checkReturnTo(`/${'x'.repeat(2048)}`, base)).toBeUndefined();
  });

  it.each([undefined, null, '', ['/x'], { toString: () => '/x' }, 7])(
    '[D3] refuses what is no text: %j',
    (value) => expect(checkReturnTo(value, base)).toBeUndefined(),
  );

  it('[D3] knows paths without knowing the base URL of the application', () => {
    expect(checkReturnTo('/x')).toBe('/x');
    expect(checkReturnTo('https://app.example/x')).toBeUndefined();
  });
});
