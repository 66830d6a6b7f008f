import { builtinModule, type Runtime } from '../node-builtins.js';

type Bytes = Uint8Array<ArrayBuffer>;

/** An IP address. */
export interface Address {
  address: string;
  family: number;
}

/** The signature of `dns.lookup` with all IP addresses. */
export type Lookup = (
  hostname: string,
  options: { all: true; family?: number; hints?: number },
  found: (error: Error | null, addresses: Address[]) => void,
) => void;

/** A stream of bytes. */
export interface NodeReadable {
  readonly destroyed: boolean;
  on(event: 'data', listener: (chunk: Bytes) => void): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'end' | 'close', listener: () => void): this;
  resume(): void;
  destroy(error?: Error): void;
}

/** A response. */
export interface NodeIncoming extends NodeReadable {
  statusCode?: number;
  statusMessage?: string;
  rawHeaders: string[];
}

/** A connection. */
export interface NodeSocket {
  unshift(bytes: Bytes): void;
  destroy(): void;
}

/** A request. */
export interface NodeCall {
  readonly reusedSocket: boolean;
  readonly writableFinished: boolean;
  on(event: 'response', listener: (response: NodeIncoming) => void): this;
  on(
    event: 'connect',
    listener: (response: NodeIncoming, socket: NodeSocket, head: Bytes) => void,
  ): this;
  on(event: 'error', listener: (error: Error) => void): this;
  on(event: 'close', listener: () => void): this;
  end(data?: string | Bytes, encoding?: 'latin1'): void;
  destroy(error?: Error): void;
}

/** Opens connections, and has those that are idle. */
export interface NodeAgent {
  createConnection?: (
    options: object,
    done: (error: Error | null, socket?: NodeSocket) => void,
  ) => void;
}

interface NodeHttp {
  Agent: new (options: object) => NodeAgent;
  request(options: object): NodeCall;
  request(url: URL, options: object): NodeCall;
}

interface NodeStream {
  Readable: {
    toWeb(stream: object): ReadableStream;
    fromWeb(body: ReadableStream): AsyncIterable<Bytes>;
  };
  pipeline(from: object, to: object, done: (error?: Error | null) => void): void;
}

/** The compression of `node:zlib`. */
export interface NodeZlib {
  createGunzip(): NodeReadable;
  createInflate(): NodeReadable;
  createBrotliDecompress(): NodeReadable;
}

interface NodeTls {
  connect(options: object): NodeSocket;
}

/** The modules of Node that are used. */
export interface NodeModules {
  tls: NodeTls;
  http: NodeHttp;
  https: NodeHttp;
  stream: NodeStream;
  zlib: NodeZlib;
}

/** Returns the modules of Node for requests; `undefined` in runtimes without them. */
export function nodeModules(runtime: Runtime): NodeModules | undefined {
  const [http, https, tls, stream, zlib] = ['http', 'https', 'tls', 'stream', 'zlib'].map((name) =>
    builtinModule(`node:${name}`, runtime),
  ) as [NodeHttp?, NodeHttp?, NodeTls?, NodeStream?, NodeZlib?];
  return http && https && tls && stream && zlib ? { http, https, tls, stream, zlib } : undefined;
}
