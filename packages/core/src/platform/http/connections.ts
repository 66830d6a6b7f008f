import type { Runtime } from '../node-builtins.js';
import type { Awaitable } from '../../model/types.js';
import type { NodeAgent } from './node-modules.js';
import { proxyFor, type HttpProxy } from './proxy.js';
import type { ConnectionSettings, Route } from './route.js';

/**
 * Milliseconds before an idle connection is closed: less than the five seconds after which servers on
 * Node close theirs.
 */
const idleTimeout = 4000;

/** Agents with idle connections, which are used again. */
const reuse = { keepAlive: true, timeout: idleTimeout, scheduling: 'lifo' };

/**
 * Returns how requests reach a URL: directly, or through a proxy of the environment. Idle connections are
 * used again, unless names are resolved by a function.
 */
export function routes(
  runtime: Runtime,
  settings: ConnectionSettings,
): (url: URL) => Awaitable<Route> {
  const { modules, lookup } = settings;
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
