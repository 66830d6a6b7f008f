import { describe, expect, it } from 'vitest';
import { allows, readRules, readTarget } from './api-proxy-rules.js';

function allowed(rules: string[], method: string, target: string): boolean {
  const url = readTarget(target);
  return url !== undefined && readRules('corp', rules).some((rule) => allows(rule, method, url));
}

describe('the rules for calls from pages', () => {
  it.each([
    ['/me', 'GET', '/me'],
    ['/me', 'HEAD', '/me'],
    ['/', 'GET', '/'],
    ['POST /notes', 'POST', '/notes'],
    ['/repos/*/*/issues', 'GET', '/repos/ada/sea/issues'],
    ['/files/**', 'GET', '/files/a/b/c.txt'],
    ['/**', 'GET', '/anything/at/all'],
    ['/me?page&size', 'GET', '/me?size=1&page=2&page=3'],
    ['/me?*', 'GET', '/me?whatever=1;2'],
    ['/me?page', 'GET', '/me?page=1%3B2'],
    ['/me/', 'GET', '/me/'],
    ['/gr%C3%B6%C3%9Fe', 'GET', '/gr%C3%B6%C3%9Fe'],
    ['/names/*', 'GET', '/names/100%25'],
  ])('[M9] %s allows %s %s', (rule, method, target) => {
    expect(allowed([rule], method, target)).toBe(true);
  });

  it.each([
    ['/me', 'POST', '/me'],
    ['POST /notes', 'GET', '/notes'],
    ['/me', 'GET', '/ME'],
    ['/me', 'GET', '/me/'],
    ['/me', 'GET', '/me/keys'],
    ['/me', 'GET', '/%6De'],
    ['/me', 'GET', '/me?page=1'],
    ['/me?page', 'GET', '/me?page=1&admin=1'],
    ['/me?page', 'GET', '/me?page=1;admin=1'],
    ['/me?page', 'GET', '/me?=1'],
    ['/me', 'GET', '/me?=1'],
    ['/repos/*', 'GET', '/repos/'],
    ['/repos/*', 'GET', '/repos/a/b'],
    ['/files/**', 'GET', '/files'],
    ['/files/**', 'GET', '/filesystem/a'],
  ])('[M9] %s does not allow %s %s', (rule, method, target) => {
    expect(allowed([rule], method, target)).toBe(false);
  });

  it.each([
    '/files/../admin',
    '/files/%2e%2e/admin',
    '/files/%2E./admin',
    '/files/%252e%252e/admin',
    '/files/%25252e%25252e/admin',
    '/files/..;/admin',
    '/files/..%3bx/admin',
    '/files/;x/admin',
    '/files/%c0%ae%c0%ae/admin',
    '/files/a%2f..%2f..%2fadmin',
    '/files/a%5cadmin',
    '/files/a%255cadmin',
    '/files\\admin',
    '/files//admin',
    '//evil.example/files/a',
    '/\\evil.example/files/a',
    'https://evil.example/files/a',
    'files/a',
    '/files/a#b',
    '/files/a%00',
    '/files/a%0d%0aX: y',
    '/files/\ta',
    '/files/ä',
    '/files/%',
    '/files/a%E0',
  ])('[M9] no rule allows %j, which servers read in different ways', (target) => {
    expect(allowed(['/**', '/files/**', '/*', '/*/*', '/*/*/*'], 'GET', target)).toBe(false);
  });

  it.each(['me', 'get /me', 'GET  /me', '/a*', '/**/b', '/a/../b', '/a//b', '', 7, undefined])(
    '[M9] the rule %j is refused when the routes are made',
    (rule) => {
      expect(() => readRules('corp', [rule])).toThrow(
        expect.objectContaining({ code: 'invalid_options' }),
      );
    },
  );

  it('[M9] rules that are no list are refused', () => {
    expect(() => readRules('corp', '/me')).toThrow('"access" of "corp" must be a list of rules');
  });
});
