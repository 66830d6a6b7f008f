import type { IncomingMessage } from 'node:http';

/** The endpoints of the fake provider, as its log and its overrides name them. */
export type Endpoint =
  | 'metadata'
  | 'authorize'
  | 'token'
  | 'jwks'
  | 'userinfo'
  | 'api'
  | 'revoke'
  | 'introspect'
  | 'end_session'
  | 'register'
  | 'par'
  | 'backchannel'
  | 'oauth1_request'
  | 'oauth1_authorize'
  | 'oauth1_access'
  | 'oauth1_api'
  | 'openid2_login'
  | 'openid2_check'
  | 'unknown';

/** One request, as the fake provider received it. */
export interface ProviderRequest {
  endpoint: Endpoint;
  method: string;
  /** The absolute URL, with the path and query exactly as they were sent. */
  url: string;
  path: string;
  /** The raw query string, without `?`. */
  search: string;
  /** Lower-case names; repeated headers are joined with a comma. */
  headers: Record<string, string>;
  body: string;
  query: URLSearchParams;
  /** The fields of a form body; empty for any other body. */
  form: URLSearchParams;
  /** Query and form together. */
  params: URLSearchParams;
}

/** Body bytes that are read at most; the connection is cut beyond. */
const bodyLimit = 16 * 1024 * 1024;

/** Reads a request whole. */
export async function readRequest(
  incoming: IncomingMessage,
  origin: string,
): Promise<Omit<ProviderRequest, 'endpoint'>> {
  const { method = 'GET', url = '/' } = incoming;
  const headers = readHeaders(incoming);
  return requestOf(origin + url, { method, headers, body: await readBody(incoming) });
}

/** Describes a request for an absolute URL. */
export function requestOf(
  url: string,
  { method, headers, body }: Pick<ProviderRequest, 'method' | 'headers' | 'body'>,
): Omit<ProviderRequest, 'endpoint'> {
  const [, path = '/', search = ''] = /^[^/]*\/\/[^/?]*([^?]*)\??(.*)$/s.exec(url) ?? [];
  const query = new URLSearchParams(search);
  const form = new URLSearchParams(isForm(headers) ? body : '');
  const params = new URLSearchParams([...query, ...form]);
  return { method, url, path, search, headers, body, query, form, params };
}

/** Whether the body is declared as a form. */
export function isForm(headers: Record<string, string>): boolean {
  const [type = ''] = (headers['content-type'] ?? '').split(';');
  return type.trim().toLowerCase() === 'application/x-www-form-urlencoded';
}

/** Returns the first parameter that appears more than once. */
export function repeatedName(params: URLSearchParams): string | undefined {
  const seen = new Set<string>();
  for (const name of params.keys()) {
    // RFC 8707 §2: several resources.
    if (seen.has(name) && name !== 'resource') return name;
    seen.add(name);
  }
  return undefined;
}

function readHeaders(incoming: IncomingMessage): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const [name, value] of Object.entries(incoming.headers)) {
    if (value !== undefined) headers[name] = Array.isArray(value) ? value.join(', ') : value;
  }
  return headers;
}

async function readBody(incoming: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of incoming as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > bodyLimit) throw new Error('The request body is too large.');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
