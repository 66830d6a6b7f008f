import { describe, expect, it } from 'vitest';
import type { BrowserExchange } from '../ports.js';
import { answerRedirect, toResponse } from './answers.js';
import { placeOf } from './place.js';

describe('the place of the drop-in routes', () => {
  it.each([
    ['/auth/login/corp', '/auth', '/login/corp'],
    ['/login', '', '/login'],
    ['https://app.example/a/b/callback/corp?code=1', '/a/b', '/callback/corp'],
    ['/login/login/login', '/login', '/login/login'],
  ])('is told from %s', (url, mount, path) => {
    expect(placeOf(url)).toEqual({ mount, path });
  });

  it.each([
    'https://app.example//evil.example/login/corp',
    'https://app.example///evil.example/login/corp',
    'https://app.example/\\/evil.example/login/corp',
    'https://app.example//login/corp',
    '//[',
  ])('[D3] is never another host: %s', (url) => {
    expect(placeOf(url)).toEqual({ mount: '', path: '' });
  });
});

describe('the answers of the drop-in routes', () => {
  const browser = { method: 'GET' } as BrowserExchange;

  it.each([
    ['/a%2541?b=%26&c=%E0', '/a%2541?b=%26&c=%E0'],
    ['/größe#%C3%BC', '/gr%C3%B6%C3%9Fe#%C3%BC'],
    ['/a\r\nset-cookie: b=c', '/a%0D%0Aset-cookie:%20b=c'],
    ['/\t/evil.example', '/%09/evil.example'],
  ])('[D3] go to %j as a header can carry it', (to, location) => {
    const answer = answerRedirect(browser, to, { home: '/', baseUrl: undefined });
    expect(toResponse(answer ?? { status: 0 }).headers.get('location')).toBe(location);
  });
});
