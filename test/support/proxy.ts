import { createServer, request, type IncomingMessage, type Server } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** An HTTP proxy on this machine. */
export interface TestProxy {
  /** Its URL, without user information. */
  url: string;
  host: string;
  /** What it was asked for: `CONNECT host:port`, `GET http://host/path`. */
  readonly asked: string[];
  /** The `Proxy-Authorization` of each request. */
  readonly authorizations: (string | undefined)[];
  /** If set, the status of every response. */
  status?: number | undefined;
  /** If true, it receives requests and does not respond. */
  isSilent?: boolean;
  /** Open connections to it. */
  readonly sockets: ReadonlySet<Socket>;
  reset(): void;
  close(): Promise<void>;
}

/** Options of a proxy. */
export interface ProxyOptions {
  /** It is itself served over TLS with these. */
  tls?: { key: string; cert: string };
  /** The port of this machine that every tunnel leads to, whatever host it is for. */
  leadsTo?: number;
}

/** Starts a proxy for tunnels and for requests in absolute form (RFC 9110 §9.3.6, RFC 9112 §3.2.2). */
export async function startProxy({ tls, leadsTo }: ProxyOptions = {}): Promise<TestProxy> {
  const sockets = new Set<Socket>();
  const server = tls ? createSecureServer(tls) : createServer();
  const scheme = tls ? 'https' : 'http';
  const proxy: TestProxy = {
    url: '',
    host: '',
    asked: [],
    authorizations: [],
    sockets,
    reset() {
      proxy.asked.length = 0;
      proxy.authorizations.length = 0;
      proxy.status = undefined;
      proxy.isSilent = false;
      for (const socket of sockets) socket.destroy();
    },
    async close() {
      for (const socket of sockets) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const seen = ({ method, url, headers }: IncomingMessage): void => {
    proxy.asked.push(`${method} ${url}`);
    proxy.authorizations.push(headers['proxy-authorization']);
  };
  server.on(tls ? 'secureConnection' : 'connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  server.on('connect', (incoming: IncomingMessage, client: Socket) => {
    seen(incoming);
    // A socket that is not read does not notice its end, and stays half open.
    if (proxy.isSilent) return client.resume().on('end', () => client.destroy());
    if (proxy.status) return client.end(`HTTP/1.1 ${proxy.status} No\r\n\r\nsecret words`);
    const { hostname, port } = new URL(`http://${incoming.url}`);
    const there = leadsTo === undefined ? connect(Number(port || 80), hostname) : connect(leadsTo);
    there.on('error', () => client.destroy()).on('close', () => client.destroy());
    client.on('error', () => there.destroy()).on('close', () => there.destroy());
    client.write('HTTP/1.1 200 Connection established\r\n\r\n');
    there.pipe(client).pipe(there);
  });
  server.on('request', (incoming, outgoing) => {
    seen(incoming);
    if (proxy.isSilent) return;
    if (proxy.status) return outgoing.writeHead(proxy.status).end('secret words');
    const { 'proxy-authorization': _, ...headers } = incoming.headers;
    const options = { method: incoming.method, headers, agent: false } as const;
    const passed = request(incoming.url ?? '', options, (response) => {
      outgoing.writeHead(response.statusCode ?? 502, response.headers);
      response.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    incoming.pipe(passed);
  });
  await listen(server);
  proxy.host = `127.0.0.1:${(server.address() as AddressInfo).port}`;
  proxy.url = `${scheme}://${proxy.host}`;
  return proxy;
}

function listen(server: Server): Promise<void> {
  return new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
}
