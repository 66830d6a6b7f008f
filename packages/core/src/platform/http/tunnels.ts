import type { Lookup, NodeAgent, NodeSocket } from './node-modules.js';
import type { Connecting, ConnectionSettings, Route } from './route.js';
import { portOf, proxyRefused, proxyUnreachable, type HttpProxy } from './proxy.js';

/** What an agent passes for a new connection. */
interface Target {
  host: string;
  port: number | string;
  /** Of the request that needs the connection. */
  connecting?: Connecting;
}

/** How proxies are used. */
export interface ProxyOptions extends ConnectionSettings {
  /** Options of agents whose connections are used again. */
  reuse: object;
}

/**
 * Returns how requests pass a proxy. https, and every request whose IP address is checked, goes through a
 * tunnel (CONNECT, RFC 9110 §9.3.6). Other http requests are sent to the proxy in absolute form (RFC 9112
 * §3.2.2), because most proxies allow tunnels only to port 443.
 */
export function proxyRoutes(options: ProxyOptions): (proxy: HttpProxy, url: URL) => Route {
  const { modules, reuse, lookup } = options;
  const forwarding = {
    'http:': new modules.http.Agent(reuse),
    'https:': new modules.https.Agent(reuse),
  };
  let last: { proxy: HttpProxy; agent: NodeAgent } | undefined;

  /** The agent with open tunnels; those of another proxy close when they are idle. */
  function reusing(proxy: HttpProxy): NodeAgent {
    if (!last || !isSame(last.proxy, proxy)) {
      last = { proxy, agent: new TunnelAgents(proxy, options).create('https', reuse) };
    }
    return last.agent;
  }

  return (proxy, url) => {
    const isSecure = url.protocol === 'https:';
    if (!isSecure && !lookup) return forwardingRoute(proxy, url, forwarding);
    const fresh = new TunnelAgents(proxy, options).create(isSecure ? 'https' : 'http');
    return { agent: lookup ? fresh : reusing(proxy), fresh };
  };
}

function isSame(a: HttpProxy, b: HttpProxy): boolean {
  return a.url.href === b.url.href && a.authorization === b.authorization;
}

/** The proxy requests an http URL on behalf of this process. */
function forwardingRoute(
  proxy: HttpProxy,
  url: URL,
  agents: Record<'http:' | 'https:', NodeAgent>,
): Route {
  const protocol = proxy.url.protocol as 'http:' | 'https:';
  const path = url.origin + url.pathname + url.search;
  const headers = { host: url.host, ...credentials(proxy) };
  const options = { ...serverOf(proxy), protocol, path };
  return { agent: agents[protocol], fresh: false, forwarding: { options, headers, proxy } };
}

/** Creates agents whose connections are tunnels through a proxy. */
class TunnelAgents {
  readonly #proxy: HttpProxy;
  readonly #options: ProxyOptions;

  constructor(proxy: HttpProxy, options: ProxyOptions) {
    this.#proxy = proxy;
    this.#options = options;
  }

  create(scheme: 'http' | 'https', settings: object = {}): NodeAgent {
    const { modules } = this.#options;
    const agent = new modules[scheme].Agent(settings);
    const tls = scheme === 'https' ? modules.tls : undefined;
    agent.createConnection = (options, done) => {
      const target = options as Target;
      this.#open(target)
        // The certificate is compared with the host of the URL.
        .then((socket) => (tls ? tls.connect({ ...target, socket }) : socket))
        .then((socket) => done(null, socket), done);
    };
    return agent;
  }

  async #open({ host, port, connecting }: Target): Promise<NodeSocket> {
    const { lookup } = this.#options;
    const named = lookup ? await resolveHost(lookup, host) : host;
    const authority = `${named.includes(':') ? `[${named}]` : named}:${port}`;
    return await this.#connect(authority, connecting);
  }

  #connect(authority: string, connecting: Connecting | undefined): Promise<NodeSocket> {
    const proxy = this.#proxy;
    const { http, https } = this.#options.modules;
    const headers = { host: authority, ...credentials(proxy) };
    return new Promise((resolve, reject) => {
      const call = (proxy.url.protocol === 'https:' ? https : http).request({
        ...serverOf(proxy),
        method: 'CONNECT',
        path: authority,
        headers,
        agent: false,
      });
      call
        .on('connect', ({ statusCode: status = 0 }, socket, head) => {
          if (status < 200 || status > 299) {
            socket.destroy();
            return reject(proxyRefused(proxy, status));
          }
          if (head.length > 0) socket.unshift(head);
          resolve(socket);
        })
        .on('error', (error) => reject(proxyUnreachable(proxy, error)))
        .on('close', () => reject(proxyUnreachable(proxy)));
      connecting?.onStop((error) => call.destroy(error));
      call.end();
    });
  }
}

/** Returns a checked IP address; IPv4 if there is one, because not every proxy has IPv6. */
function resolveHost(lookup: Lookup, host: string): Promise<string> {
  return new Promise((resolve, reject) => {
    lookup(host, { all: true }, (error, addresses) => {
      if (error) return reject(error);
      const [first] = addresses.toSorted((a, b) => a.family - b.family);
      resolve(first?.address ?? host);
    });
  });
}

function credentials({ authorization }: HttpProxy): Record<string, string> {
  return authorization === undefined ? {} : { 'proxy-authorization': authorization };
}

/** The host and port of a proxy; an IPv6 address has no brackets. */
function serverOf({ url }: HttpProxy): { host: string; hostname: string; port: string } {
  const host = url.hostname.replace(/^\[|\]$/g, '');
  return { host, hostname: host, port: portOf(url) };
}
