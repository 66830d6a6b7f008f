import { expect, it } from 'vitest';
import { readProfileUrl } from './profile-url.js';

it.each([
  ['https://example.com', 'https://example.com/'],
  ['https://EXAMPLE.com/Username', 'https://example.com/Username'],
  ['https://example.com/users?id=100', 'https://example.com/users?id=100'],
  ['example.com', 'https://example.com/'],
  [' example.com/ada ', 'https://example.com/ada'],
  ['http://example.com/', 'https://example.com/'],
  ['https://example.com:443/', 'https://example.com/'],
  ['bücher.example', 'https://xn--bcher-kva.example/'],
  ['https://example.com/a..b/.c', 'https://example.com/a..b/.c'],
  ['http://localhost:3000', 'http://localhost:3000/'],
])('[D8] reads the home page %s (IndieAuth §3.2, §3.4)', (typed, url) => {
  expect(readProfileUrl(typed)).toBe(url);
});

it.each([
  '',
  undefined,
  42,
  'ada',
  'mailto:user@example.com',
  'user@example.com',
  'javascript:alert(1)',
  'ftp://example.com/',
  'https://example.com/foo/../bar',
  'https://example.com/foo/%2E./bar',
  'https://example.com/.',
  'https://example.com/#me',
  'https://user:pass@example.com/',
  'https://example.com:8443/',
  'https://172.28.92.51/',
  'https://3232235777/',
  'https://0xa.1/',
  'https://[fd00::1]/',
  'https://example.com\\@evil.example/',
  'https://exa mple.com/',
  'https://example.com./',
  'https://intranet/',
])('[D8] takes %s for no home page (IndieAuth §3.2)', (typed) => {
  expect(readProfileUrl(typed)).toBeUndefined();
});
