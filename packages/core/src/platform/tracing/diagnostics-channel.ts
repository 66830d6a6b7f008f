import type { Phase } from '../../model/error-codes.js';
import { builtinModule } from '../node-builtins.js';

/** The event of one phase of one client, from start to end. It contains no secrets. */
export interface PhaseEvent {
  readonly client: string;
  readonly phase: Phase;
  /** Resource calls: the method and, once known, the HTTP status of the response. */
  method?: string;
  status?: number;
  /** The error of the phase. */
  error?: PhaseError;
}

/**
 * Error details that are safe outside of the application: no provider-supplied text, no `cause`.
 */
export interface PhaseError {
  readonly name: string;
  readonly code?: string | undefined;
  readonly message?: string | undefined;
  /** The HTTP status of the provider's response. */
  readonly providerStatus?: number | undefined;
  readonly reason?: string | undefined;
}

interface Channel {
  readonly hasSubscribers: boolean;
  publish(message: unknown): void;
  runStores<R>(message: unknown, run: () => R): R;
}

interface TracingChannel {
  readonly hasSubscribers?: boolean;
  readonly start: Channel;
  readonly end: Channel;
  readonly asyncStart: Channel;
  readonly asyncEnd: Channel;
  readonly error: Channel;
}

/** The part of `node:diagnostics_channel` that is used. */
interface DiagnosticsChannel {
  channel(name: string): Channel;
  tracingChannel(name: string): TracingChannel;
}

let loaded: { diagnostics: DiagnosticsChannel | undefined } | undefined;

/** Returns `undefined` if the runtime has no such module; then nothing is published. */
function loadDiagnostics(): DiagnosticsChannel | undefined {
  loaded ??= { diagnostics: builtinModule('node:diagnostics_channel') };
  return loaded.diagnostics;
}

const tracing = new Map<Phase, TracingChannel>();

function tracingOf(phase: Phase): TracingChannel | undefined {
  let found = tracing.get(phase);
  if (found) return found;
  found = loadDiagnostics()?.tracingChannel(`oauth-registry:${phase}`);
  if (found) tracing.set(phase, found);
  return found;
}

/**
 * Publishes a phase on its tracing channel, for example `oauth-registry:exchange`: `start` and
 * `end` around its synchronous part, `error` if it fails, `asyncStart` and `asyncEnd` when it
 * completes. Unlike Node's `tracePromise` it never publishes the result, which is a token.
 */
export function published<R>(event: PhaseEvent, step: () => Promise<R>): Promise<R> {
  const channels = tracingOf(event.phase);
  // Unknown in some runtimes.
  if (!channels || channels.hasSubscribers === false) return step();
  return channels.start.runStores(event, () => {
    const running = step().finally(() => {
      if (event.error) channels.error.publish(event);
      channels.asyncStart.publish(event);
      channels.asyncEnd.publish(event);
    });
    channels.end.publish(event);
    return running;
  });
}

/** Publishes a single message, for example on `oauth-registry:token:update`. */
export function publish(name: string, message: object): void {
  const channel = loadDiagnostics()?.channel(`oauth-registry:${name}`);
  if (channel?.hasSubscribers) channel.publish(message);
}
