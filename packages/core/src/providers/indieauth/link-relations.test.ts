import { describe, expect, it } from 'vitest';
import { findLink } from './link-relations.js';

const url = 'https://ada.example/blog/';
const html = { 'content-type': 'text/html; charset=utf-8' };

function inHeader(...values: string[]): string | undefined {
  const headers = new Headers();
  for (const value of values) headers.append('link', value);
  return findLink({ url, headers, text: '' }, 'me-server');
}

const inPage = (text: string, headers: HeadersInit = html): string | undefined =>
  findLink({ url, headers: new Headers(headers), text }, 'me-server');

describe('links of a relation in headers (RFC 8288 §3)', () => {
  it.each([
    ['<https://a.example/>; rel="me-server"', 'https://a.example/'],
    ['<https://a.example/>;rel=me-server', 'https://a.example/'],
    ['</x>; title="a, b; rel=me-server"; rel="me-server"', 'https://ada.example/x'],
    ['<../x?a=1>; REL="Me-Server"', 'https://ada.example/x?a=1'],
    [
      '<https://b.example/>; rel=other, <https://a.example/>; rel="x me-server y"',
      'https://a.example/',
    ],
    ['<https://a.example/>; rel="me-server"; rel="other"', 'https://a.example/'],
    ['<https://a.example/>; rel = me-server', 'https://a.example/'],
  ])('[D8] finds the one in %s', (header, found) => {
    expect(inHeader(header)).toBe(found);
  });

  it.each([
    '<https://a.example/>; rel="other"; rel="me-server"',
    '<https://a.example/>; title="rel=me-server"',
    '<https://a.example/>; rel="me-servers"',
    'https://a.example/; rel="me-server"',
    '<https://a.example/',
    '<http://[>; rel="me-server"',
    '<javascript:alert(1)>; rel="me-server"',
    '',
  ])('[D8] finds none in %s', (header) => {
    expect(inHeader(header)).toBeUndefined();
  });

  it('[D8] takes the first of several headers, and a header before the page (IndieAuth §4.1)', () => {
    expect(inHeader('</1>; rel=me-server', '</2>; rel=me-server')).toBe('https://ada.example/1');
    const both = { ...html, link: '</h>; rel="me-server"' };
    expect(inPage('<link rel="me-server" href="/p">', both)).toBe('https://ada.example/h');
  });
});

describe('links of a relation in a page', () => {
  it.each([
    ['<link rel="me-server" href="/x">', 'https://ada.example/x'],
    ["<LINK HREF='/x' REL='Other ME-SERVER'/>", 'https://ada.example/x'],
    ['<link rel=me-server href=/x>', 'https://ada.example/x'],
    ['<link\n  href = "/x?a=1&amp;b=2"\n  rel = "me-server"\n>', 'https://ada.example/x?a=1&b=2'],
    ['<link rel="me-server" href="&#x2f;&#120;">', 'https://ada.example/x'],
    ['<link rel="me-server" href=" /x ">', 'https://ada.example/x'],
    ['<p a="1>2"><link rel="me-server" href="/x">', 'https://ada.example/x'],
    ['a < b <link rel="me-server" href="/x">', 'https://ada.example/x'],
    ['<link rel="me-server" href="/x"><link rel="me-server" href="/y">', 'https://ada.example/x'],
    ['<title><link></title><link rel="me-server" href="/x">', 'https://ada.example/x'],
    ['<link rel="me-server" href="">', url],
  ])('[D8] finds the one in %s', (text, found) => {
    expect(inPage(text)).toBe(found);
  });

  it.each([
    '<!-- <link rel="me-server" href="/evil"> -->',
    '<!-- > <link rel="me-server" href="/evil">',
    '<script>document.write(\'<link rel="me-server" href="/evil">\')</script>',
    '<style><link rel="me-server" href="/evil"></style>',
    '<title><link rel="me-server" href="/evil"></title>',
    '<textarea><link rel="me-server" href="/evil">',
    '<template><link rel="me-server" href="/evil"></template>',
    '<a title=\'<link rel="me-server" href="/evil">\'>',
    '<a rel="me-server" href="/evil">',
    '<links rel="me-server" href="/evil">',
    '&lt;link rel="me-server" href="/evil"&gt;',
    '<link rel="me-server">',
    '<link title="x rel=me-server" href="/evil">',
    '<link rel="other" rel="me-server" href="/evil">',
  ])('[D8] takes nothing for a link that is none: %s', (text) => {
    expect(inPage(text)).toBeUndefined();
  });

  it('[D8] reads no page that is not HTML', () => {
    const text = '<link rel="me-server" href="/evil">';
    expect(inPage(text, { 'content-type': 'text/plain' })).toBeUndefined();
    expect(inPage(text, {})).toBeUndefined();
    expect(inPage(text, { 'content-type': 'application/xhtml+xml' })).toBeDefined();
  });

  it('[D8] reads any megabyte to its end', () => {
    for (const piece of [
      '<a b="',
      '<',
      '<!--',
      '<title',
      '<a ',
      ' \t',
      "<link rel='",
      '<a b=c/ ',
    ]) {
      expect(inPage(piece.repeat(1_000_000 / piece.length))).toBeUndefined();
    }
    for (const piece of ['<a>; ', '<a>;', '; ', '"', '<a>; a="\\', ' ']) {
      expect(inHeader(`<x>; ${piece.repeat(16_000 / piece.length)}`.trim())).toBeUndefined();
    }
  });
});
