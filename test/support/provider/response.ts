import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

/** A JSON object, as read or as sent. */
export type JsonObject = Record<string, unknown>;

/** A body: text, bytes, a stream of them, or any other object, which is sent as JSON. */
export type ProviderResponseBody =
  string | Uint8Array | AsyncIterable<string | Uint8Array> | object;

/** The response of an endpoint. Everything is optional; the shortest is `{}`: 200 and no body. */
export interface ProviderResponse {
  status?: number;
  headers?: Record<string, string | string[]>;
  body?: ProviderResponseBody;
  /** Milliseconds to wait before anything is sent. */
  delay?: number;
  /** Closes the connection without a response. */
  destroy?: boolean;
  /** Never responds; the connection stays open until the provider closes. */
  hang?: boolean;
}

/** Creates a JSON response. */
export function json(body: object, status = 200): ProviderResponse {
  return { status, headers: { 'content-type': 'application/json' }, body };
}

/** Creates an OAuth 2 error response (RFC 6749 §5.2). */
export function oauthError(error: string, description: string, status = 400): ProviderResponse {
  return json({ error, error_description: description }, status);
}

/** Creates a response with an HTML page. */
export function page(html: string, status = 200): ProviderResponse {
  return { status, headers: { 'content-type': 'text/html; charset=utf-8' }, body: html };
}

/** Creates a response with a form-encoded body. */
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

/** Creates a redirect. */
export function redirect(location: string, status = 302): ProviderResponse {
  return { status, headers: { location, 'cache-control': 'no-store' } };
}

/** Sends a response. If its stream throws, the connection is closed. */
export async function send(response: ServerResponse, content: ProviderResponse): Promise<void> {
  if (content.delay) await sleep(content.delay, undefined, { ref: false });
  if (content.hang) return;
  if (content.destroy) {
    response.destroy();
    return;
  }
  response.writeHead(content.status ?? 200, headersOf(content));
  try {
    for await (const chunk of chunksOf(content.body)) {
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

/** Waits until the socket accepts more, or is closed. */
function drained(response: ServerResponse): Promise<void> {
  return new Promise((resolve) => {
    const done = () => {
      response.off('drain', done).off('close', done);
      resolve();
    };
    response.once('drain', done).once('close', done);
  });
}
