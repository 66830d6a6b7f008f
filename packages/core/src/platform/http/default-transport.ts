import type { Runtime } from '../node-builtins.js';
import { nodeTransport } from './node-transport.js';
import { fetchTransport, type Transport } from './transport.js';

let ofNode: { transport: Transport | undefined } | undefined;

/**
 * Sends a request with `node:http`, at a third of the cost of Node's `fetch`; with the global `fetch`
 * in other runtimes, and if the application replaced it or its dispatcher.
 */
export const defaultTransport: Transport = (request) => {
  const { fetch } = globalThis;
  if (isOfNode(fetch) && !hasOwnDispatcher()) {
    ofNode ??= { transport: nodeTransport(globalThis as Runtime) };
    if (ofNode.transport) return ofNode.transport(request);
  }
  return fetchTransport(fetch)(request);
};

let known: { fetch: unknown; isOfNode: boolean } | undefined;

/** Returns whether a `fetch` is that of Node.js, which loads its bundled undici. */
function isOfNode(fetch: typeof globalThis.fetch): boolean {
  if (known?.fetch !== fetch) {
    const source = Function.prototype.toString.call(fetch);
    known = { fetch, isOfNode: /internal\/deps\/undici|lazyUndici/.test(source) };
  }
  return known.isOfNode;
}

/** The symbol under which all copies of undici store the dispatcher of `fetch`. */
const dispatcherSymbol = Symbol.for('undici.globalDispatcher.1');

interface Dispatcher {
  dispatch: unknown;
  [symbol: symbol]: unknown;
}

let checked: { dispatcher: Dispatcher; isOwn: boolean } | undefined;

/**
 * Returns whether the application has set a dispatcher for `fetch`, such as a proxy. Node's own is an
 * agent without options and interceptors; `compose` adds these to a proxy object of the agent.
 */
function hasOwnDispatcher(): boolean {
  const dispatcher = (globalThis as { [dispatcherSymbol]?: Dispatcher })[dispatcherSymbol];
  if (dispatcher === undefined) return false;
  const { dispatch } = Object.getPrototypeOf(dispatcher) as Dispatcher;
  if (dispatcher.dispatch !== dispatch) return true;
  if (checked?.dispatcher !== dispatcher) checked = { dispatcher, isOwn: hasOptions(dispatcher) };
  return checked.isOwn;
}

function hasOptions(dispatcher: Dispatcher): boolean {
  const symbol = Object.getOwnPropertySymbols(dispatcher).find(
    ({ description }) => description === 'options',
  );
  const options = (symbol && dispatcher[symbol]) as object | undefined;
  return (
    dispatcher.constructor.name !== 'Agent' ||
    options === undefined ||
    Object.values(options).some((value) => value !== undefined)
  );
}
