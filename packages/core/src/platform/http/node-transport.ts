import type { BodyInit } from '../../model/web-types.js';
import { concat, toBytes } from '../encoding.js';
import { builtinModule, type Runtime } from '../node-builtins.js';
import { responseTooLarge, type SizeLimit } from './body.js';
import type { IncomingResponse, OutgoingRequest, Transport } from './transport.js';

type Bytes = Uint8Array<ArrayBuffer>;

interface NodeReadable {
  readonly destroyed: boolean;
  on(event: 'data', listener: (chunk: Bytes) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end' | 'close', listener: () => void): this;
  resume(): void;
  destroy(error?: Error): void;
}

interface NodeIncoming extends NodeReadable {
  statusCode?: number;
  statusMessage?: string;
  rawHeaders: string[];
}

interface NodeCall {
  readonly reusedSocket: boolean;
  readonly writableFinished: boolean;
  on(event: 'response', listener: (response: NodeIncoming) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'close', listener: () => void): this;
  end(data: string | Bytes | undefined, encoding: 'latin1'): void;
  destroy(error?: Error): void;
}

interface NodeHttp {
  Agent: new (options: object) => object;
  request(url: URL, options: object): NodeCall;
}

interface NodeStream {
  Readable: {
    toWeb(stream: object): ReadableStream;
    fromWeb(body: ReadableStream): AsyncIterable<Bytes>;
  };
  pipeline(from: object, to: object, done: (error?: Error | null) => void): void;
}

interface NodeZlib {
  createGunzip(): NodeReadable;
  createInflate(): NodeReadable;
  createBrotliDecompress(): NodeReadable;
}

/** The modules of Node that are used. */
interface NodeModules {
  http: NodeHttp;
  https: NodeHttp;
  stream: NodeStream;
  zlib: NodeZlib;
}

/** How connections are opened. */
export interface ConnectionOptions {
  /** Resolves host names, instead of `dns.lookup`. Its connections are used for one request. */
  lookup?: object;
  /** Used if `node:http` has no such option: Workers implement it with `fetch`. */
  fallback?: Transport;
}

/**
 * Milliseconds before an idle connection is closed: less than the five seconds after which servers on
 * Node close theirs.
 */
const idleTimeout = 4000;

/** Maximum bytes of a body that is read before its response is returned. */
const shortBody = 65_536;

const withoutBody: ReadonlySet<number> = new Set([204, 205, 304]);

/** Methods that a server must not act upon (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS']);

/**
 * Creates a transport on `node:http` and `node:https`. Idle connections are used again, unless names are
 * resolved by a function. Returns `undefined` in runtimes without these modules.
 */
export function nodeTransport(
  runtime: Runtime,
  { lookup, fallback }: ConnectionOptions = {},
): Transport | undefined {
  const [http, https, stream, zlib] = ['http', 'https', 'stream', 'zlib'].map((name) =>
    builtinModule(`node:${name}`, runtime),
  ) as [NodeHttp?, NodeHttp?, NodeStream?, NodeZlib?];
  if (!http || !https || !stream || !zlib) return undefined;
  const modules: NodeModules = { http, https, stream, zlib };
  const agents = lookup === undefined ? reusingAgents(modules) : undefined;

  return async (request) => {
    const body = await encodeBody(request);
    request.cancellation.throwIfCancelled();
    const options = {
      method: request.method,
      headers: headersOf(request, body),
      lookup,
      agent: agents?.[request.url.protocol as 'http:' | 'https:'] ?? false,
    };
    const attempt = new Attempt(modules, request, body);
    const call = startCall(modules, request.url, options);
    if (!call && fallback) return await fallback(request);
    if (!call) throw new TypeError('This runtime cannot send the request.');
    try {
      return await attempt.run(call);
    } catch (error) {
      // The server may have closed the idle connection before the request arrived. Other methods are not
      // repeated: a code or a refresh token may be used once.
      const again = call.reusedSocket && isReset(error) && safeMethods.has(request.method);
      if (!again || body.stream) throw error;
      request.cancellation.throwIfCancelled();
      const fresh = startCall(modules, request.url, { ...options, agent: false });
      if (!fresh) throw error;
      return await attempt.run(fresh);
    }
  };
}

function reusingAgents({ http, https }: NodeModules): Record<'http:' | 'https:', object> {
  const options = { keepAlive: true, timeout: idleTimeout, scheduling: 'lifo' };
  return { 'http:': new http.Agent(options), 'https:': new https.Agent(options) };
}

/** Starts a request; returns `undefined` if `node:http` does not support an option. */
function startCall(modules: NodeModules, url: URL, options: object): NodeCall | undefined {
  try {
    return (url.protocol === 'https:' ? modules.https : modules.http).request(url, options);
  } catch (error) {
    if ((error as { code?: unknown }).code === 'ERR_OPTION_NOT_IMPLEMENTED') return undefined;
    throw error;
  }
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

async function encodeBody({ body, method }: OutgoingRequest): Promise<EncodedBody> {
  if (body === null) return method === 'POST' || method === 'PUT' ? { data: '', length: 0 } : {};
  if (typeof body === 'string') return encodeText(body, 'text/plain;charset=UTF-8');
  if (body instanceof URLSearchParams) {
    return encodeText(body.toString(), 'application/x-www-form-urlencoded;charset=UTF-8');
  }
  const encoded = new Response(body as BodyInit);
  // The line above has thrown if the stream is locked or was read.
  if (body instanceof ReadableStream) return { stream: body };
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
  const coding = headers.has('range') ? 'identity' : 'gzip, br';
  const sent: Record<string, string> = { accept: '*/*', 'accept-encoding': coding };
  if (type !== undefined) sent['content-type'] = type;
  for (const [name, value] of headers) sent[name] = value;
  for (const name of ofConnection) {
    if (sent[name] !== undefined) throw new TypeError(`The header "${name}" cannot be set.`);
  }
  const { 'content-length': length, ...others } = sent;
  if (own !== undefined) return { ...others, 'content-length': String(own) };
  if (!stream) return others;
  // Without this, Node sends the body of a DELETE as bytes of the next request.
  if (length === undefined) return { ...others, 'transfer-encoding': 'chunked' };
  if (/^\d+$/.test(length)) return sent;
  throw new TypeError('The header "content-length" must be a number of bytes.');
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

  run(call: NodeCall): Promise<IncomingResponse> {
    const { cancellation, method } = this.#request;
    return new Promise((respond, reject) => {
      let incoming: NodeIncoming | undefined;
      const release = cancellation.onCancel((reason) =>
        (incoming ?? call).destroy(errorOf(reason)),
      );
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
    const length = this.#request.headers.get('content-length');
    const chunks = Readable.fromWeb(body);
    const sent = length === null ? chunks : withLength(chunks, Number(length));
    pipeline(sent, call, () => undefined);
  }
}

function errorOf(reason: unknown): Error {
  return reason instanceof Error
    ? reason
    : new DOMException('The request was aborted.', 'AbortError');
}

/** Throws for a status or a header that `Response` does not accept. */
function received(
  incoming: NodeIncoming,
  method: string,
  { stream, zlib }: NodeModules,
): IncomingResponse {
  const { statusCode: status = 0, rawHeaders } = incoming;
  if (status < 200 || status > 599) throw new RangeError(`The status ${status} is invalid.`);
  const headers = new Headers();
  for (let at = 0; at < rawHeaders.length; at += 2) {
    headers.append(rawHeaders[at] ?? '', rawHeaders[at + 1] ?? '');
  }
  const isEmpty = method === 'HEAD' || withoutBody.has(status);
  const length = Number(headers.get('content-length') ?? Infinity);
  const encoding = isEmpty || length === 0 ? null : headers.get('content-encoding');
  const decoder = decoderOf(encoding, zlib);
  const init = { status, headers, statusText: statusTextOf(incoming) };
  if (decoder) {
    headers.delete('content-encoding');
    headers.delete('content-length');
    stream.pipeline(incoming, decoder, () => undefined);
  }
  const body = decoder ?? incoming;
  return {
    status,
    headers,
    read: (bounds) => collect(body, { ...bounds, status }),
    cancel: () => incoming.destroy(),
    async toResponse() {
      if (isEmpty) {
        // The body that a server sends with 205 nevertheless may be endless.
        if (status === 205) incoming.destroy();
        else incoming.resume();
        return new Response(null, init);
      }
      if (body.destroyed) throw endedEarly();
      if (decoder || length > shortBody) return streamed(stream.Readable.toWeb(body), init);
      const bounds = { what: 'response', limit: shortBody, status };
      const bytes = await collect(body, bounds);
      const { ReceivedResponse } = await receivedResponse();
      return new ReceivedResponse(bytes, init);
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
      .on('end', () => resolve(concat(chunks)))
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
