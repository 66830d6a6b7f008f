import type { BrowserRequest, HandlerResponse } from '../model/ports.js';
import type { Look } from './pages/look.js';
import { pageHeaders } from './pages/page.js';
import type { RouteResult } from './options.js';

/**
 * Responds with a hook's result: a custom response, a redirect to its URL, or the default redirect.
 */
export function redirectResponse(
  browser: BrowserRequest,
  result: RouteResult,
  { home, baseUrl }: { home: string | undefined; baseUrl: string | undefined },
): HandlerResponse | undefined {
  if (result instanceof Response) return { status: result.status, response: result };
  const isUrl = typeof result === 'string' || result instanceof URL;
  const to = isUrl ? encodeLocation(String(result), baseUrl) : home;
  if (to === undefined) return undefined;
  // RFC 9700 §4.12: a 307 would resend the POST with its secrets.
  return { status: browser.method === 'GET' ? 302 : 303, location: to };
}

/** Encodes a URL for a header. The application may redirect anywhere, so it is not restricted. */
function encodeLocation(to: string, baseUrl: string | undefined): string {
  if (/^\/(?![/\\])/.test(to)) return encodeURI(to).replaceAll('%25', '%');
  return new URL(to, baseUrl).href;
}

/** An HTML page and its look. */
export interface Page {
  html: string;
  look: Look;
}

/** Responds with an HTML page. */
export async function pageResponse(status: number, { html, look }: Page): Promise<HandlerResponse> {
  return { status, headers: await pageHeaders(html, look.logo), body: html };
}

/** Converts to a standard `Response`, including the headers that core has set. */
export function toResponse(given: HandlerResponse, headers: Headers = new Headers()): Response {
  const { status, location, body, response } = given;
  for (const [name, value] of response?.headers ?? Object.entries(given.headers ?? {})) {
    if (name === 'set-cookie') headers.append(name, value);
    else headers.set(name, value);
  }
  if (location !== undefined) headers.set('location', location);
  return new Response(response ? response.body : (body ?? null), { status, headers });
}

/** The part of a Node response that is written. */
export interface NodeWritable {
  headersSent: boolean;
  statusCode: number;
  appendHeader(name: string, value: string): unknown;
  setHeader(name: string, value: string): unknown;
  end(body?: Uint8Array): unknown;
}

/** A response that every framework can send. */
export interface PlainResponse {
  status: number;
  headers: Headers;
  body?: Uint8Array;
}

/** Reads a response to its end. */
export async function plainResponse(given: HandlerResponse): Promise<PlainResponse> {
  const response = toResponse(given);
  const { status, headers } = response;
  if (!response.body) return { status, headers };
  return { status, headers, body: new Uint8Array(await response.arrayBuffer()) };
}

/** Sends a response with Node's http, unless the application has already responded. */
export async function sendResponse(res: NodeWritable, given: HandlerResponse): Promise<void> {
  if (res.headersSent) return;
  // A redirect needs neither a standard response nor its headers.
  if (given.response === undefined && given.body === undefined) return sendHead(res, given);
  const { status, headers, body = new Uint8Array() } = await plainResponse(given);
  res.statusCode = status;
  for (const [name, value] of headers) {
    if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  res.end(body);
}

function sendHead(res: NodeWritable, { status, headers = {}, location }: HandlerResponse): void {
  res.statusCode = status;
  for (const [name, value] of Object.entries(headers)) {
    if (name === 'set-cookie') res.appendHeader(name, value);
    else res.setHeader(name, value);
  }
  if (location !== undefined) res.setHeader('location', location);
  res.end();
}
