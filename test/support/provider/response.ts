import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A JSON object, as read or as sent. */
export type JsonObject = Record<string, unknown>;

/** A body: text, bytes, a stream of them, or any other object, which is sent as JSON. */
export type ProviderResponseBody =
  string | Uint8Array | AsyncIterable<string | Uint8Array> | object;

/** What an endpoint answers. Everything is optional; the plainest answer is `{}`: 200 and no body. */
export interface ProviderResponse {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: ProviderResponseBody;
  /** Milliseconds to wait before anything is sent. */
  delay?: number;
  /** Closes the connection without an answer. */
  destroy?: boolean;
  /** Never answers; the connection stays open until the provider closes. */
  hang?: boolean;
}

/** Answers JSON. */
export function json(body: object, status = 200): ProviderResponse {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** Answers an OAuth 2 error (RFC 6749 §5.2). */
export function oauthError(error: string, description: string, status = 400): ProviderResponse {
  return json({ error, error_description: description }, status);
}

/** Answers an HTML page. */
export function page(html: string, status = 200): ProviderResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html };
}

/** Answers a form-encoded body. */
export function form(
  fields: Record<string, string> | [string, string][],
  status = 200,
): ProviderResponse {
  return {
    status,
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  };
}

/** Answers a redirect. */
export function redirect(location: string, status = 302): ProviderResponse {
  return { status, headers: { location, 'cache-control': 'no-store' } };
}

/** Sends an answer. A stream that throws cuts the connection where it stands. */
export async function send(response: ServerResponse, answer: ProviderResponse): Promise<void> {
  if (answer.delay) await sleep(answer.delay, undefined, { ref: false });
  if (answer.hang) return;
  if (answer.destroy) {
    response.destroy();
    return;
  }
  response.writeHead(answer.status ?? 200, headersOf(answer));
  try {
    for await (const chunk of chunksOf(answer.body)) {
      if (response.destroyed) return;
      if (!response.write(chunk)) await drained(response);
    }
    response.end();
  } catch {
    response.destroy();
  }
}

function headersOf({ headers = {}, body }: ProviderResponse): Record<string, string | string[]> {
  const named = Object.keys(headers).some((name) => name.toLowerCase() === 'content-type');
  if (named || body === undefined || typeof body === 'string') return headers;
  if (body instanceof Uint8Array || isStream(body)) return headers;
  return { ...headers, 'content-type': 'application/json' };
}

function isStream(body: object): body is AsyncIterable<string | Uint8Array> {
  return Symbol.asyncIterator in body;
}

async function* chunksOf(
  body: ProviderResponseBody | undefined,
): AsyncIterable<string | Uint8Array> {
  if (body === undefined || body === '') return;
  if (typeof body === 'string' || body instanceof Uint8Array) yield body;
  else if (isStream(body)) yield* body;
  else yield JSON.stringify(body);
}

/** Waits until the socket takes more, or is gone. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
