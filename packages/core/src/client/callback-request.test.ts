import { expect, it } from 'vitest';
import { readCallback } from './callback-request.js';
import type { BrowserRequest } from '../model/ports.js';

const limit = 100;

function posted(body: unknown, headers: Record<string, string> = {}): BrowserRequest {
  const all: Record<string, string> = {
    'content-type': 'application/x-www-form-urlencoded',
    ...headers,
  };
  return {
    request: undefined,
    response: undefined,
    method: 'POST',
    header: (name) => all[name],
    query: 'state=from-the-query',
    body: () => body,
    session: () => Promise.reject(new Error('There is no session.')),
    setHeader: () => undefined,
    setCookie: () => undefined,
  };
}

it('[A8] refuses a form that a parser has read already, by the length it had', async () => {
  const parsed = { state: 's' };
  const fits = posted(parsed, { 'content-length': String(limit) });
  expect((await readCallback.request(fits, limit)).get('state')).toBe('s');
  const over = posted(parsed, { 'content-length': String(limit + 1) });
  await expect(readCallback.request(over, limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
});

it.each([
  ['text', (text: string) => text],
  ['bytes', (text: string) => new TextEncoder().encode(text)],
])('[A8] refuses a form that is too long as %s', async (_what, make) => {
  const form = `state=s&x=${'y'.repeat(limit - 's&x='.length - 'state='.length)}`;
  expect((await readCallback.request(posted(make(form)), limit)).get('state')).toBe('s');
  await expect(readCallback.request(posted(make(`${form}y`)), limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
});

it('[A8] reads a stream of unknown length no further than it may', async () => {
  let sent = 0;
  async function* endless() {
    for (;;) {
      sent += 40;
      yield new Uint8Array(40);
    }
  }
  await expect(readCallback.request(posted(endless()), limit)).rejects.toMatchObject({
    code: 'invalid_callback',
  });
  expect(sent).toBe(120);
});
