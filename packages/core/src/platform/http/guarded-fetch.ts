import { OAuthError } from '../../model/errors.js';
import { refusedIp, type Reach } from './address-policy.js';
import { builtinModule, type Runtime } from '../node-builtins.js';

interface Address {
  address: string;
  family: number;
}

type Found = (error: Error | null, address?: string | Address[], family?: number) => void;

/** The signature of Node's `dns.lookup` with all IP addresses. */
export type Lookup = (
  hostname: string,
  options: { all: true; family?: number; hints?: number },
  found: (error: Error | null, addresses: Address[]) => void,
) => void;

interface NodeIncoming {
  statusCode?: number;
  rawHeaders: string[];
}

interface NodeCall {
  on(event: 'response', listener: (response: NodeIncoming) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'close', listener: () => void): this;
  end(bytes?: Uint8Array): void;
  destroy(): void;
}

interface NodeHttp {
  request(url: URL, options: object): NodeCall;
}

interface NodeStream {
  Readable: { toWeb(response: object): ReadableStream; fromWeb(body: ReadableStream): object };
  pipeline(from: object, to: object, done: (error?: Error | null) => void): void;
}

interface NodeZlib {
  createGunzip(): object;
  createInflate(): object;
  createBrotliDecompress(): object;
}

/** The Node modules needed to read a response. */
interface Reading {
  stream: NodeStream;
  zlib: NodeZlib;
}

/**
 * Creates a `fetch` that checks the resolved IP addresses of a host and connects only to those, which
 * prevents DNS rebinding. It follows no redirects. Returns `undefined` in runtimes without Node's
 * modules: only host names can be checked there.
 */
export function guardedFetch(
  reach: Reach,
  runtime: Runtime = globalThis as Runtime,
  lookup?: Lookup,
): typeof globalThis.fetch | undefined {
  const [http, https, stream, zlib, dns] = ['http', 'https', 'stream', 'zlib', 'dns'].map((name) =>
    builtinModule(`node:${name}`, runtime),
  ) as [NodeHttp?, NodeHttp?, NodeStream?, NodeZlib?, { lookup: Lookup }?];
  if (!http || !https || !stream || !zlib || !dns) return undefined;
  const resolve = checkedLookup(reach, lookup ?? ((...args) => dns.lookup(...args)));

  return async (input, init = {}) => {
    const request = new Request(input, init);
    const url = new URL(request.url);
    const { signal } = init;
    signal?.throwIfAborted();
    const streamed = init.body instanceof ReadableStream;
    const bytes = streamed ? undefined : new Uint8Array(await request.arrayBuffer());
    const headers = Object.fromEntries(request.headers);
    const call = tryRequest(url.protocol === 'https:' ? https : http, url, {
      method: request.method,
      headers: {
        accept: '*/*',
        ...headers,
        'accept-encoding': 'gzip, deflate, br',
        ...(bytes && (bytes.length > 0 || request.method === 'POST')
          ? { 'content-length': String(bytes.length) }
          : {}),
      },
      lookup: resolve,
      // A new connection, so that none opened under other rules is reused.
      agent: false,
      signal: signal ?? undefined,
    });
    if (!call) {
      return await globalThis.fetch(input, {
        ...init,
        ...(streamed ? { body: request.body } : {}),
      });
    }
    return await new Promise<Response>((respond, reject) => {
      call
        .on('response', (response) => {
          try {
            respond(fromIncoming(response, request.method, { stream, zlib }));
          } catch (error) {
            // Invalid status or header: no reader will release the connection.
            call.destroy();
            reject(error as Error);
          }
        })
        .on('error', reject)
        // As after an unsolicited 101.
        .on('close', () => reject(new TypeError('The connection was closed without a response.')));
      if (streamed && request.body) {
        stream.pipeline(stream.Readable.fromWeb(request.body), call, () => undefined);
      } else call.end(bytes);
    });
  };
}

/**
 * Starts a request; returns `undefined` if `node:http` does not support it: Workers implement it
 * with `fetch`, which resolves names itself.
 */
function tryRequest(http: NodeHttp, url: URL, options: object): NodeCall | undefined {
  try {
    return http.request(url, options);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_OPTION_NOT_IMPLEMENTED') return undefined;
    throw error;
  }
}

/** Resolves a name, and rejects all of its IP addresses if one of them is not allowed. */
function checkedLookup(reach: Reach, lookup: Lookup) {
  return (hostname: string, options: { all?: boolean; family?: number }, found: Found): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => refusedIp(address, reach))) {
        return found(unsafeHost());
      }
      if (options.all) return found(null, addresses);
      return found(null, first.address, first.family);
    });
  };
}

function unsafeHost(): OAuthError {
  return new OAuthError(
    'unsafe_address',
    'A host from a user or a third-party document resolves to an IP address that is not public. Nothing was ' +
      'sent. If this is intended, set "allowPrivateNetworks: true".',
  );
}

function fromIncoming(response: NodeIncoming, method: string, reading: Reading): Response {
  const { statusCode: status = 0, rawHeaders } = response;
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const { Readable } = reading.stream;
  if (method === 'HEAD' || [204, 205, 304].includes(status)) {
    Readable.toWeb(response)
      .cancel()
      .catch(() => undefined);
    return new Response(null, { status, headers });
  }
  const decoder = decoderOf(headers.get('content-encoding'), reading.zlib);
  if (!decoder) return new Response(Readable.toWeb(response), { status, headers });
  headers.delete('content-encoding');
  headers.delete('content-length');
  const body = Readable.toWeb(decoder);
  reading.stream.pipeline(response, decoder, () => undefined);
  return new Response(body, { status, headers });
}

function decoderOf(encoding: string | null, zlib: NodeZlib): object | undefined {
  switch (encoding?.toLowerCase()) {
    case 'gzip':
    case 'x-gzip':
      return zlib.createGunzip();
    case 'deflate':
      return zlib.createInflate();
    case 'br':
      return zlib.createBrotliDecompress();
    default:
      return undefined;
  }
}
