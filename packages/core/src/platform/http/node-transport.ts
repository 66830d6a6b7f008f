import type { BodyInit } from '../../model/web-types.js';
import type { Awaitable } from '../../model/types.js';
import { concat, toBytes } from '../encoding.js';
import type { Runtime } from '../node-builtins.js';
import { responseTooLarge, type SizeLimit } from './body.js';
import {
  nodeModules,
  type Lookup,
  type NodeCall,
  type NodeIncoming,
  type NodeModules,
  type NodeReadable,
  type NodeZlib,
} from './node-modules.js';
import { proxyRefused, proxyUnreachable } from './proxy.js';
import { routes } from './connections.js';
import { Connecting, type Route } from './route.js';
import type { IncomingResponse, OutgoingRequest, ReceivedHeaders, Transport } from './transport.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** How connections are opened. */
export interface ConnectionOptions {
  /** Resolves host names, instead of `dns.lookup`. Its connections are used for one request. */
  lookup?: Lookup;
  /** Used if `node:http` has no such option: Workers implement it with `fetch`. */
  fallback?: Transport;
}

/** Maximum bytes of a body that is read before its response is returned. */
const shortBody = 65_536;

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/** Methods that a server must not act upon (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Creates a transport on `node:http` and `node:https`, with the proxies of the environment. Idle connections
 * are used again, unless names are resolved by a function. Returns `undefined` in runtimes without these
 * modules.
 */
export function nodeTransport(
  runtime: Runtime,
  { lookup, fallback }: ConnectionOptions = {},
): Transport | undefined {
  const modules = nodeModules(runtime);
  if (!modules) return undefined;
  const routeTo = routes(runtime, { modules, lookup });

  return async (request) => {
    const { url, method, cancellation } = request;
    const body = await encodeBody(request);
    const route = await routeTo(url);
    cancellation.throwIfCancelled();
    const { agent, fresh, forwarding } = route;
    const own = headersOf(request, body);
    const headers = forwarding ? { ...own, ...forwarding.headers } : own;
    const connecting = new Connecting();
    const options = { ...forwarding?.options, method, headers, lookup, connecting, agent };
    const attempt = new Attempt(modules, request, body);
    const call = startCall(modules, url, options);
    if (!call && fallback) return await fallback(request);
    if (!call) throw new TypeError('This runtime cannot send the request.');
    try {
      return forwarded(await attempt.run(call, connecting), route);
    } catch (error) {
      // The server may have closed the idle connection before the request arrived. Other methods are not
      // repeated: a code or a refresh token may be used once.
      const again = call.reusedSocket && isReset(error) && safeMethods.has(method);
      if (!again || body.stream) throw ofProxy(error, route);
      cancellation.throwIfCancelled();
      const repeated = startCall(modules, url, { ...options, agent: fresh });
      if (!repeated) throw error;
      return forwarded(await attempt.run(repeated, connecting), route);
    }
  };
}

/** Starts a request; returns `undefined` if `node:http` does not support an option. */
function startCall(
  { http, https }: NodeModules,
  url: URL,
  options: { protocol?: string; agent: object | false },
): NodeCall | undefined {
  const { protocol = url.protocol } = options;
  try {
    return (protocol === 'https:' ? https : http).request(url, options);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_OPTION_NOT_IMPLEMENTED') return undefined;
    throw error;
  }
}

/** Rejects a response with which a proxy does not forward the request (RFC 9110 §15.5.8). */
function forwarded(response: IncomingResponse, { forwarding }: Route): IncomingResponse {
  if (!forwarding || response.status !== 407) return response;
  response.cancel();
  throw proxyRefused(forwarding.proxy, response.status);
}

/** Returns the error of a proxy that could not be connected to. */
function ofProxy(error: unknown, { forwarding }: Route): unknown {
  const { syscall } = error as { syscall?: unknown };
  const isUnconnected = syscall === 'connect' || syscall === 'getaddrinfo';
  return forwarding && isUnconnected ? proxyUnreachable(forwarding.proxy, error) : error;
}

function isReset(error: unknown): boolean {
  const { code } = error as { code?: unknown };
  return code === 'ECONNRESET' || code === 'EPIPE';
}

/** A body at once or as a stream; neither if there is none. */
interface EncodedBody {
  /** ASCII text is written together with the headers, in one piece. */
  data?: string | Bytes;
  /** Bytes of `data`. */
  length?: number;
  stream?: ReadableStream;
  /** The content type that `fetch` derives from the body. */
  type?: string | undefined;
}

function encodeBody({ body, method }: OutgoingRequest): Awaitable<EncodedBody> {
  if (body === null) return method === 'POST' || method === 'PUT' ? { data: '', length: 0 } : {};
  if (typeof body === 'string') return encodeText(body, 'text/plain;charset=UTF-8');
  if (body instanceof URLSearchParams) {
    return encodeText(body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  const encoded = new Response(body as BodyInit);
  // The line above has thrown if the stream is locked or was read.
  return body instanceof ReadableStream ? { stream: body } : encodeBytes(encoded);
}

async function encodeBytes(encoded: Response): Promise<EncodedBody> {
  const type = encoded.headers.get('content-type') ?? undefined;
  const data = new Uint8Array(await encoded.arrayBuffer());
  return { data, length: data.length, type };
}

function encodeText(text: string, type: string): EncodedBody {
  const bytes = toBytes(text);
  // ASCII, which is the same in the encoding of headers.
  const isAscii = bytes.length === text.length;
  return { data: isAscii ? text : bytes, length: bytes.length, type };
}

/** Headers of the connection, which a request must not set (RFC 9110 §7.6.1). */
const ofConnection = ['connection', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'];

function headersOf(
  { headers }: OutgoingRequest,
  { length: own, stream, type }: EncodedBody,
): Record<string, string> {
  // Not "deflate", which some servers send without its header (RFC 9110 §8.4.1.2). A part of an encoded
  // body cannot be decoded.
  const coding = headers['range'] === undefined ? 'gzip, br' : 'identity';
  const sent: Record<string, string> = { accept: '*/*', 'accept-encoding': coding };
  if (type !== undefined) sent['content-type'] = type;
  Object.assign(sent, headers);
  for (const name of ofConnection) {
    if (sent[name] !== undefined) throw new TypeError(`The header "${name}" cannot be set.`);
  }
  const { 'content-length': length } = sent;
  if (!stream) {
    if (own !== undefined) sent['content-length'] = String(own);
    else delete sent['content-length'];
    return sent;
  }
  // Without this, Node sends the body of a DELETE as bytes of the next request.
  if (length === undefined) sent['transfer-encoding'] = 'chunked';
  else if (!/^\d+$/.test(length))
    throw new TypeError('The header "content-length" must be a number of bytes.');
  return sent;
}

/** Returns the chunks of a body; throws before it has more or fewer bytes than `length`. */
async function* withLength(body: AsyncIterable<Bytes>, length: number): AsyncIterable<Bytes> {
  let rest = length;
  for await (const chunk of body) {
    rest -= chunk.length;
    if (rest < 0) break;
    yield chunk;
  }
  if (rest !== 0) throw new TypeError('The body does not have the length of "content-length".');
}

/** One request and its response. */
class Attempt {
  readonly #modules: NodeModules;
  readonly #request: OutgoingRequest;
  readonly #body: EncodedBody;

  constructor(modules: NodeModules, request: OutgoingRequest, body: EncodedBody) {
    this.#modules = modules;
    this.#request = request;
    this.#body = body;
  }

  run(call: NodeCall, connecting: Connecting): Promise<IncomingResponse> {
    const { cancellation, method } = this.#request;
    return new Promise((respond, reject) => {
      let incoming: NodeIncoming | undefined;
      const release = cancellation.onCancel((reason) => {
        const error = errorOf(reason);
        (incoming ?? call).destroy(error);
        connecting.stop(error);
      });
      call
        .on('response', (response) => {
          incoming = response;
          // The rest of the request's body has no use after the response, and may be endless.
          response.on('end', () => call.writableFinished || call.destroy());
          try {
            respond(received(response, method, this.#modules));
          } catch (error) {
            // Invalid status or header: no reader will release the connection.
            call.destroy();
            reject(error as Error);
          }
        })
        .on('error', reject)
        .on('close', () => {
          release();
          // As after an unsolicited 101.
          if (!incoming) reject(new TypeError('The connection was closed without a response.'));
        });
      this.#send(call);
    });
  }

  #send(call: NodeCall): void {
    const { data, stream: body } = this.#body;
    if (!body) return call.end(data, 'latin1');
    const { Readable, pipeline } = this.#modules.stream;
    const { 'content-length': length } = this.#request.headers;
    const chunks = Readable.fromWeb(body);
    const sent = length === undefined ? chunks : withLength(chunks, Number(length));
    pipeline(sent, call, () => undefined);
  }
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new DOMException('The request was aborted.', 'AbortError');
}

/** The headers of a response. */
class RawHeaders implements ReceivedHeaders {
  /** Names and values in turn. */
  readonly #raw: readonly string[];

  constructor(raw: readonly string[]) {
    this.#raw = raw;
  }

  get(name: string): string | null {
    let found: string | null = null;
    for (let at = 0; at < this.#raw.length; at += 2) {
      if (this.#raw[at]?.toLowerCase() !== name) continue;
      const value = this.#raw[at + 1] ?? '';
      found = found === null ? value : `${found}, ${value}`;
    }
    return found;
  }

  *[Symbol.iterator](): Generator<[string, string]> {
    for (let at = 0; at < this.#raw.length; at += 2) {
      yield [this.#raw[at] ?? '', this.#raw[at + 1] ?? ''];
    }
  }
}

/** Throws for a status that `Response` does not accept. */
function received(
  incoming: NodeIncoming,
  method: string,
  { stream, zlib }: NodeModules,
): IncomingResponse {
  const { statusCode: status = 0, rawHeaders } = incoming;
  if (status < 200 || status > 599) throw new RangeError(`The status ${status} is invalid.`);
  const headers = new RawHeaders(rawHeaders);
  const isEmpty = method === 'HEAD' || withoutBody.has(status);
  const length = Number(headers.get('content-length') ?? Infinity);
  const encoding = isEmpty || length === 0 ? null : headers.get('content-encoding');
  const decoder = decoderOf(encoding, zlib);
  if (decoder) stream.pipeline(incoming, decoder, () => undefined);
  const body = decoder ?? incoming;
  return {
    status,
    headers,
    read: (bounds) => collect(body, { ...bounds, status }),
    cancel: () => incoming.destroy(),
    async toResponse() {
      const init: ResponseInit = {
        status,
        headers: [...headers],
        statusText: statusTextOf(incoming),
      };
      if (isEmpty) {
        // The body that a server sends with 205 nevertheless may be endless.
        if (status === 205) incoming.destroy();
        else incoming.resume();
        return new Response(null, init);
      }
      if (body.destroyed) throw endedEarly();
      if (decoder || length > shortBody) {
        const response = streamed(stream.Readable.toWeb(body), init);
        if (decoder) {
          response.headers.delete('content-encoding');
          response.headers.delete('content-length');
        }
        return response;
      }
      const bounds = { what: 'response', limit: shortBody, status };
      const bytes = await collect(body, bounds);
      const { ReceivedResponse } = await receivedResponse();
      // A copy: Node's buffer is a part of a larger one, which an unread response would hold.
      return new ReceivedResponse(new Uint8Array(bytes), init);
    },
  };
}

let loading: Promise<typeof import('./received-response.js')> | undefined;

/** Loads the class at the first response: Node.js loads all of undici for a subclass of `Response`. */
function receivedResponse(): Promise<typeof import('./received-response.js')> {
  loading ??= import('./received-response.js');
  return loading;
}

/** Returns the reason phrase, unless `Response` does not accept it. */
function statusTextOf({ statusMessage = '' }: NodeIncoming): string {
  return /^[\t -~\u0080-\u00ff]*$/.test(statusMessage) ? statusMessage : '';
}

function decoderOf(encoding: string | null, zlib: NodeZlib): NodeReadable | undefined {
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

/** Reads a stream to its end. One that ends early is an error. */
function collect(stream: NodeReadable, bounds: SizeLimit & { status: number }): Promise<Bytes> {
  return new Promise((resolve, reject) => {
    const chunks: Bytes[] = [];
    let size = 0;
    if (stream.destroyed) throw endedEarly();
    stream
      .on('data', (chunk) => {
        size += chunk.length;
        chunks.push(chunk);
        if (size <= bounds.limit) return;
        stream.destroy();
        reject(responseTooLarge(bounds, bounds.status));
      })
      .on('end', () => resolve(chunks.length === 1 ? (chunks[0] as Bytes) : concat(chunks)))
      .on('error', reject);
  });
}

function endedEarly(): TypeError {
  return new TypeError('The response ended early.');
}

/** Cancels the body of a response that the application neither reads nor stores. */
const unread = new FinalizationRegistry<WeakRef<ReadableStream>>((body) => {
  const stream = body.deref();
  if (stream && !stream.locked) stream.cancel().catch(() => undefined);
});

function streamed(body: ReadableStream, init: ResponseInit): Response {
  const response = new Response(body, init);
  unread.register(response, new WeakRef(body));
  return response;
}
