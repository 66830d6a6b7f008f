import type { Runtime } from '../node-builtins.js';
import type { Awaitable } from '../../model/types.js';
import type { Lookup, NodeAgent, NodeModules } from './node-modules.js';
import { proxyFor, type HttpProxy } from './proxy.js';

/**
 * Milliseconds before an idle connection is closed: less than the five seconds after which servers on
 * Node close theirs.
 */
const idleTimeout = 4000;

/** How a request reaches its server. */
export interface Route {
  agent: NodeAgent | false;
  /** For a request that is repeated on a new connection. */
  fresh: NodeAgent | false;
  /** If a proxy forwards the request: the options and headers that its server is sent. */
  forwarding?: { options: object; headers: Record<string, string>; proxy: HttpProxy };
}

/** A connection that is being opened, which a request that is cancelled no longer needs. */
export class Connecting {
  #stop: ((error: Error) => void) | undefined;
  #error: Error | undefined;

  onStop(stop: (error: Error) => void): void {
    if (this.#error) stop(this.#error);
    this.#stop = stop;
  }

  stop(error: Error): void {
    this.#error = error;
    this.#stop?.(error);
  }
}

/** Agents with idle connections, which are used again. */
const reuse = { keepAlive: true, timeout: idleTimeout, scheduling: 'lifo' };

/** What connections need. */
export interface ConnectionSettings {
  runtime: Runtime;
  modules: NodeModules;
  /** Resolves host names, instead of `dns.lookup`. */
  lookup?: Lookup | undefined;
}

/**
 * Returns how requests reach a URL: directly, or through a proxy of the environment. Idle connections are
 * used again, unless names are resolved by a function.
 */
export function routes(settings: ConnectionSettings): (url: URL) => Awaitable<Route> {
  const { runtime, modules, lookup } = settings;
  const { http, https } = modules;
  const agentOf = (Agent: typeof http.Agent): NodeAgent | false =>
    lookup === undefined && new Agent(reuse);
  const plain: Route = { agent: agentOf(http.Agent), fresh: false };
  const secure: Route = { agent: agentOf(https.Agent), fresh: false };
  let loading: Promise<(proxy: HttpProxy, url: URL) => Route> | undefined;

  return (url) => {
    const proxy = proxyFor(url, runtime.process?.env ?? {});
    if (!proxy) return url.protocol === 'https:' ? secure : plain;
    loading ??= import('./tunnels.js').then(({ proxyRoutes }) =>
      proxyRoutes({ ...settings, reuse }),
    );
    return loading.then((routeOf) => routeOf(proxy, url));
  };
}
