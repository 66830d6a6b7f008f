import { describe, expect, it } from 'vitest';
import type { BrowserRequest } from '../model/ports.js';
import { redirectResponse, toResponse } from './response.js';
import { mountOf, publicMount } from './mount.js';
import { Routes, type RoutesSource } from './routes.js';

describe('the place of the drop-in routes', () => {
  it.each([
    ['/auth/login/corp', '/auth', '/login/corp'],
    ['/login', '', '/login'],
    ['https://app.example/a/b/callback/corp?code=1', '/a/b', '/callback/corp'],
    ['/login/login/login', '/login', '/login/login'],
    ['/auth/login/corp/', '/auth', '/login/corp'],
    ['/auth/login/', '/auth', '/login'],
  ])('is told from %s', (url, mount, path) => {
    expect(mountOf(url)).toEqual({ mount, path });
  });

  it.each([
    'https://app.example//evil.example/login/corp',
    'https://app.example///evil.example/login/corp',
    'https://app.example/\\/evil.example/login/corp',
    'https://app.example//login/corp',
    '//[',
  ])('[D3] is never another host: %s', (url) => {
    expect(mountOf(url)).toEqual({ mount: '', path: '' });
  });
});

describe('the place of the drop-in routes, as browsers see it,', () => {
  it.each([
    [undefined, '/auth', '/auth'],
    ['https://app.example', '/auth', '/auth'],
    ['https://app.example/shop', '/auth', '/shop/auth'],
    ['https://app.example/shop/', '/shop/auth', '/shop/auth'],
    ['https://app.example/shop', '/shopping', '/shop/shopping'],
    ['https://app.example/shop', '', '/shop'],
  ])('[D1] with %s as "baseUrl" and %s as mount is %s', (baseUrl, mount, seen) => {
    expect(publicMount({ mount, path: '/login' }, baseUrl)).toEqual({
      mount: seen,
      path: '/login',
    });
  });
});

describe('the options of the drop-in routes', () => {
  const source = {} as RoutesSource;
  const onLogin = () => undefined;

  it.each([
    [{}, '"onLogin" must be a function'],
    [{ onLogin, onerror: onLogin }, 'Did you mean "onError"?'],
    [{ onLogin, start: 'POST' }, '"start" must be "get" or "post"'],
    [{ onLogin, scopes: { corp: 'files' } }, '"scopes" must be'],
    [{ onLogin, page: { titel: 'x' } }, 'Did you mean "title"?'],
  ])('are checked when the routes are made: %j', (options, problem) => {
    const make = () => new Routes(source, options as never);
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    expect(make).toThrow(problem);
  });
});

describe('the responses of the drop-in routes', () => {
  const browser = { method: 'GET' } as BrowserRequest;

  it.each([
    ['/a%2541?b=%26&c=%E0', '/a%2541?b=%26&c=%E0'],
    ['/größe#%C3%BC', '/gr%C3%B6%C3%9Fe#%C3%BC'],
    ['/a\r\nset-cookie: b=c', '/a%0D%0Aset-cookie:%20b=c'],
    ['/\t/evil.example', '/%09/evil.example'],
  ])('[D3] go to %j as a header can carry it', (to, location) => {
    const response = redirectResponse(browser, to, { home: '/', baseUrl: undefined });
    expect(toResponse(response ?? { status: 0 }).headers.get('location')).toBe(location);
  });
});
