import type { Phase } from '../../model/error-codes.js';
import { builtinModule } from '../node-builtins.js';

/**
 * What is published about one phase of one client, from its start to its end. Nothing in it is secret.
 */
export interface PhaseEvent {
  readonly client: string;
  readonly phase: Phase;
  /** Resource calls: the method and, once it is there, the HTTP status of the answer. */
  method?: string;
  status?: number;
  /** Why the phase failed. */
  error?: PhaseError;
}

/** What may be known of an error outside of the application: no words of a provider's, no `cause`. */
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
  readonly start: Channel;
  readonly end: Channel;
  readonly asyncStart: Channel;
  readonly asyncEnd: Channel;
  readonly error: Channel;
}

/** The part of `node:diagnostics_channel` that is wanted here. */
interface DiagnosticsChannel {
  channel(name: string): Channel;
  tracingChannel(name: string): TracingChannel;
}

let loaded: { diagnostics: DiagnosticsChannel | undefined } | undefined;

/** `undefined` if the runtime has no such module: then nothing is published. */
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
 * Publishes a phase on the tracing channel of its name, `oauth-registry:exchange` for example: `start`
 * and `end` around its first synchronous part, `error` where it fails, `asyncStart` and `asyncEnd` when
 * it is over. Unlike Node's own `tracePromise`, never the result: that is a token.
 */
export function published<R>(event: PhaseEvent, step: () => Promise<R>): Promise<R> {
  const channels = tracingOf(event.phase);
  if (!channels || !isWatched(channels)) return step();
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

function isWatched(channels: TracingChannel): boolean {
  const { start, end, asyncStart, asyncEnd, error } = channels;
  return [start, end, asyncStart, asyncEnd, error].some(({ hasSubscribers }) => hasSubscribers);
}

/** Publishes a single message, on `oauth-registry:token:update` for example. */
export function publish(name: string, message: object): void {
  const channel = loadDiagnostics()?.channel(`oauth-registry:${name}`);
  if (channel?.hasSubscribers) channel.publish(message);
}
