import type { BodyInit } from '../../model/web-types.js';
import type { Cancellation } from './cancellation.js';
import { readResponseBytes, type SizeLimit } from './body.js';

/** A request whose URL was checked. */
export interface OutgoingRequest {
  url: URL;
  method: string;
  /** By their names in lower case. */
  headers: Record<string, string>;
  body: BodyInit | null;
  cancellation: Cancellation;
}

/** Reads the headers of a response; a repeated header has its values joined by `, `. */
export type HeaderReader = Pick<Headers, 'get'>;

/** The headers of a response; the iterator returns all of them. */
export type ReceivedHeaders = Pick<Headers, 'get'> & Iterable<[string, string]>;

/** A response whose body is not read yet. Its body is read once, or cancelled. */
export interface IncomingResponse {
  status: number;
  headers: ReceivedHeaders;
  /** Whether a browser hides the status of a redirect. */
  isOpaque?: boolean;
  /** Reads the whole body, up to a number of decoded bytes. */
  read(bounds: SizeLimit): Promise<Uint8Array<ArrayBuffer>>;
  /** Returns a standard response, whose body the application reads. */
  toResponse(): Promise<Response>;
  /** Discards the body and its connection. */
  cancel(): void;
}

/** Sends a request and returns its response; follows no redirects. */
export type Transport = (request: OutgoingRequest) => Promise<IncomingResponse>;

/** Sends requests with a function like `fetch`. */
export function fetchTransport(fetch: typeof globalThis.fetch): Transport {
  return async ({ url, method, headers, body, cancellation }) => {
    const { signal } = cancellation;
    const response = await fetch(url.href, {
      method,
      headers,
      body,
      redirect: 'manual',
      signal,
      ...(body instanceof ReadableStream ? { duplex: 'half' } : {}),
    });
    return {
      status: response.status,
      headers: response.headers,
      isOpaque: response.type === 'opaqueredirect',
      read: (bounds) => readResponseBytes(response, bounds, signal),
      toResponse: async () => response,
      cancel: () => void response.body?.cancel().catch(() => undefined),
    };
  };
}
