import { expect, it } from 'vitest';
import { isDid, readName } from './names.js';

const did = 'did:plc:z72i7hdynmk6r22z27h6tvur';

it.each([
  ['jay.bsky.social', { handle: 'jay.bsky.social' }],
  ['@Jay.Bsky.Social', { handle: 'jay.bsky.social' }],
  ['at://8.cn', { handle: '8.cn' }],
  ['\u202axn--ls8h.test\u202c', { handle: 'xn--ls8h.test' }],
  [did, { did }],
  [`at://${did}`, { did }],
  ['did:web:blueskyweb.xyz', { did: 'did:web:blueskyweb.xyz' }],
  ['https://bsky.app/profile/jay.bsky.social', { handle: 'jay.bsky.social' }],
  [`https://bsky.app/profile/${did}`, { did }],
  ['https://pds.test', { server: 'https://pds.test' }],
  ['https://pds.test:8443/path?x', { server: 'https://pds.test:8443' }],
])('[D8] reads %s', (typed, name) => {
  expect(readName(typed)).toEqual(name);
});

it.each([
  '',
  'jo@hn.test',
  '💩.test',
  'john..test',
  'xn--bcher-.tld',
  'john.0',
  'org',
  'name.org.',
  '-a.test',
  `${'a'.repeat(64)}.test`,
  'laptop.local',
  'blah.arpa',
  'ada.localhost',
  'ada.internal',
  'handle.invalid',
  'did:key:zQ3shZc2QzApp2oymGvQbzP8eKheVshBHbU4ZYjeXqwSKEn6N',
  'did:plc:short',
  'javascript://pds.test',
])('[D8] does not take %s for the name of a user (https://atproto.com/specs/handle)', (typed) => {
  expect(() => readName(typed)).toThrow(expect.objectContaining({ code: 'invalid_server' }));
});

it.each([
  'DID:plc:z72i7hdynmk6r22z27h6tvur',
  'did:plc:Z72i7hdynmk6r22z27h6tvur',
  'did:web:host.test:path',
  'did:web:host.test%3A8080',
  'did:web:10.0.0.1',
  'did:web:host.test/path',
  'did:web:evil.internal',
  `${did}#atproto`,
  `${did}\n`,
  42,
])('[D8] takes %s for no DID (https://atproto.com/specs/did)', (value) => {
  expect(isDid(value)).toBe(false);
});
