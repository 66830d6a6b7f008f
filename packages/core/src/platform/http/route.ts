import type { Lookup, NodeAgent, NodeModules } from './node-modules.js';
import type { HttpProxy } from './proxy.js';

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

/** What connections need. */
export interface ConnectionSettings {
  modules: NodeModules;
  /** Resolves host names, instead of `dns.lookup`. */
  lookup?: Lookup | undefined;
}
