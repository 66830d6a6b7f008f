import { entries } from './entries.js';
import { setTimeout as sleep } from 'node:timers/promises';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';
import { page, redirect, type ProviderResponse } from './response.js';
import type { ProviderRequest } from './log.js';

/** The input of a fault: the request, the response to change, and another origin. */
interface FaultInput {
  request: ProviderRequest;
  /** Creates the ordinary response of the endpoint. */
  ordinary: () => Promise<ProviderResponse>;
  /** The origin that redirects point to. */
  elsewhere: string;
}

type FaultResponse = (input: FaultInput) => ProviderResponse | Promise<ProviderResponse>;

const megabyte = 'x'.repeat(1024 * 1024);
const sizeInMegabytes = 64;

/**
 * Faults that any endpoint can have. If possible they preserve the ordinary response, so that a client
 * without a limit would accept it.
 */
export const faults = entries<FaultResponse>()({
  /** Accepts the request and never responds. */
  hang: () => ({ hang: true }),
  /** Sends the headers and then nothing. */
  'headers-then-hang': () => ({ body: forever() }),
  /** Closes the connection without a response. */
  reset: () => ({ destroy: true }),
  /** Sends half of the body and closes the connection. */
  cut: async ({ ordinary }) => spoil(await ordinary(), cut),
  /** Sends one byte every 100 ms. */
  drip: async ({ ordinary }) => spoil(await ordinary(), drip),
  /** Sends `Content-Length: 100000` and one byte. */
  'length-lies': () => ({ headers: { 'content-length': '100000' }, body: forever('{') }),
  /** A valid response with 64 MB of padding, streamed. */
  huge: async ({ ordinary }) => spoil(await ordinary(), huge),
  /** A JSON body that never ends. */
  endless: async ({ ordinary }) => spoil(await ordinary(), endless),
  /** A valid response of 64 MB, compressed with gzip. */
  'gzip-bomb': async ({ ordinary }) => gzipBomb(await ordinary()),
  /** A valid response of 16 MB, compressed with Brotli. */
  'brotli-bomb': async ({ ordinary }) => brotliBomb(await ordinary()),
  /** A valid response with a megabyte of headers. */
  'big-headers': async ({ ordinary }) => {
    const response = await ordinary();
    return { ...response, headers: { ...response.headers, 'x-padding': megabyte } };
  },
  /** A valid response with own members `__proto__` and `constructor`. */
  'proto-keys': async ({ ordinary }) => {
    const response = relabel(await ordinary(), 'application/json');
    return { ...response, body: withProtoKeys(String(response.body)) };
  },
  /** 302 to the same path at another origin. */
  'redirect-302': ({ request, elsewhere }) => redirect(elsewhere + request.path),
  /** 307 to the same path at another origin: a client that follows sends the body again. */
  'redirect-307': ({ request, elsewhere }) => redirect(elsewhere + request.path, 307),
  /** 500 with an HTML page. */
  'html-500': () => page('<h1>Internal error</h1>', 500),
  /** 500 with a JSON error. */
  'json-500': () => ({ status: 500, body: { error: 'server_error' } }),
  /** 503 with `Retry-After: 1`. */
  'unavailable-503': () => ({ status: 503, headers: { 'retry-after': '1' }, body: 'Down.' }),
  /** 429 with `Retry-After: 7` and text. */
  'rate-limited': () => ({
    status: 429,
    headers: { 'retry-after': '7', 'content-type': 'text/plain' },
    body: 'Slow down.',
  }),
  /** 400 with plain text. */
  'text-400': () => ({
    status: 400,
    headers: { 'content-type': 'text/plain' },
    body: 'Something is wrong.',
  }),
  /** 404. */
  'missing-404': () => page('<h1>Not found</h1>', 404),
  /** 200 with an HTML page. */
  'html-200': () => page('<h1>Please sign in</h1>'),
  /** 200 and no body at all. */
  empty: () => ({ headers: { 'content-type': 'application/json' } }),
  /** 204, as some servers respond to a revocation. */
  'no-content': () => ({ status: 204 }),
  /** A JSON array. */
  array: () => jsonText('["access_token"]'),
  /** The JSON value `null`. */
  null: () => jsonText('null'),
  /** A JSON string. */
  string: () => jsonText('"access_token"'),
  /** JSON that breaks off. */
  'broken-json': () => jsonText('{"access_token":'),
  /** 100,000 nested arrays. */
  'deep-json': () => jsonText('['.repeat(100_000) + ']'.repeat(100_000)),
  /** A byte order mark before a valid response. */
  'byte-order-mark': async ({ ordinary }) => prefix(await ordinary(), '\uFEFF'),
  /** A valid response with the type `text/html`. */
  'wrong-content-type': async ({ ordinary }) => relabel(await ordinary(), 'text/html'),
});

/** The name of a fault. */
export type Fault = keyof typeof faults;

/** Creates the response of a fault. */
export async function faultyResponse(fault: Fault, input: FaultInput): Promise<ProviderResponse> {
  if (!Object.hasOwn(faults, fault)) {
    throw new TypeError(`There is no fault "${fault}". Faults: ${Object.keys(faults).join(', ')}.`);
  }
  const make: FaultResponse = faults[fault];
  return make(input);
}

function jsonText(body: string): ProviderResponse {
  return { headers: { 'content-type': 'application/json' }, body };
}

/** The body of an ordinary response, as text. */
function textOf({ body }: ProviderResponse): string {
  if (body === undefined) return '';
  if (body instanceof Uint8Array) return Buffer.from(body).toString('utf8');
  return typeof body === 'string' ? body : JSON.stringify(body);
}

function relabel(response: ProviderResponse, type: string): ProviderResponse {
  return {
    ...response,
    headers: { ...response.headers, 'content-type': type },
    body: textOf(response),
  };
}

function spoil(
  response: ProviderResponse,
  how: (text: string) => AsyncIterable<string>,
): ProviderResponse {
  const labelled = relabel(
    response,
    String(response.headers?.['content-type'] ?? 'application/json'),
  );
  return { ...labelled, body: how(textOf(response)) };
}

function prefix(response: ProviderResponse, text: string): ProviderResponse {
  return { ...relabel(response, 'application/json'), body: text + textOf(response) };
}

async function* forever(first = ''): AsyncIterable<string> {
  yield first;
  await new Promise(() => undefined);
}

async function* cut(text: string): AsyncIterable<string> {
  yield text.slice(0, Math.ceil(text.length / 2));
  await sleep(20);
  throw new Error('cut');
}

async function* drip(text: string): AsyncIterable<string> {
  for (const character of text) {
    yield character;
    await sleep(100, undefined, { ref: false });
  }
}

/** The head of a JSON object that ends inside a padding string. */
function openPadding(text: string): string {
  return text.endsWith('}') && text.length > 2
    ? `${text.slice(0, -1)},"padding":"`
    : '{"padding":"';
}

async function* huge(text: string): AsyncIterable<string> {
  yield openPadding(text);
  for (let sent = 0; sent < sizeInMegabytes; sent += 1) yield megabyte;
  yield '"}';
}

async function* endless(text: string): AsyncIterable<string> {
  yield openPadding(text);
  for (;;) yield megabyte;
}

function withProtoKeys(text: string): string {
  const keys = '"__proto__":{"isAdmin":true},"constructor":{"prototype":{"isAdmin":true}}';
  return text.endsWith('}') ? `${text.slice(0, -1)},${keys}}` : text;
}

function brotliBomb(response: ProviderResponse): ProviderResponse {
  const text = `${openPadding(textOf(response))}${megabyte.repeat(16)}"}`;
  const body = brotliCompressSync(text, { params: { [constants.BROTLI_PARAM_QUALITY]: 0 } });
  const type = { 'content-type': 'application/json', 'content-encoding': 'br' };
  return { ...response, headers: { ...response.headers, ...type }, body };
}

/** Gzip allows several members in a row, so one compressed megabyte is enough to make many. */
function gzipBomb(response: ProviderResponse): ProviderResponse {
  const filler = gzipSync(megabyte);
  const members = Array.from({ length: sizeInMegabytes }, () => filler);
  const body = Buffer.concat([gzipSync(openPadding(textOf(response))), ...members, gzipSync('"}')]);
  const type = { 'content-type': 'application/json', 'content-encoding': 'gzip' };
  return { ...response, headers: { ...response.headers, ...type }, body };
}
