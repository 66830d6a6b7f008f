import { channel, subscribe, tracingChannel, unsubscribe } from 'node:diagnostics_channel';
import { context, trace } from '@opentelemetry/api';
import { AsyncLocalStorageContextManager } from '@opentelemetry/context-async-hooks';
import {
  BasicTracerProvider,
  InMemorySpanExporter,
  SimpleSpanProcessor,
  type ReadableSpan,
} from '@opentelemetry/sdk-trace-base';
import type { PhaseEvent } from '@oauth-registry/core/types';

/** Every phase that is published. */
export const phases = [
  ['authorize', 'callback', 'exchange', 'refresh', 'userinfo', 'resource'],
  ['revocation', 'introspection', 'registration', 'logout'],
].flat();

const messages = ['token:update', 'grant:revoked'];

/** What was heard on the channels, and in which part of a phase. */
export interface Heard {
  part: string;
  event: PhaseEvent;
}

/** Listens to every channel; the returned function ends that. */
export function listen(heard: Heard[]): () => void {
  const stops = phases.map((phase) => {
    const note = (part: string) => (event: unknown) => {
      heard.push({ part: `${phase} ${part}`, event: event as PhaseEvent });
    };
    const subscribers = {
      start: note('start'),
      end: note('end'),
      asyncStart: note('asyncStart'),
      asyncEnd: note('asyncEnd'),
      error: note('error'),
    };
    tracingChannel(`oauth-registry:${phase}`).subscribe(subscribers);
    return () => tracingChannel(`oauth-registry:${phase}`).unsubscribe(subscribers);
  });
  for (const name of messages) {
    const note = (event: unknown): void => {
      heard.push({ part: name, event: event as PhaseEvent });
    };
    subscribe(`oauth-registry:${name}`, note);
    stops.push(() => unsubscribe(`oauth-registry:${name}`, note));
  }
  return () => {
    for (const stop of stops) stop();
    if (channel('oauth-registry:token:update').hasSubscribers) throw new Error('Still listening.');
  };
}

/** An application's OpenTelemetry. */
export function startTracing(): { spans: () => ReadableSpan[]; stop: () => void } {
  const exporter = new InMemorySpanExporter();
  const provider = new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] });
  trace.setGlobalTracerProvider(provider);
  context.setGlobalContextManager(new AsyncLocalStorageContextManager().enable());
  return {
    spans: () => exporter.getFinishedSpans(),
    stop: () => {
      trace.disable();
      context.disable();
    },
  };
}

/** All that a span would send away. */
export function contentOf(span: ReadableSpan): unknown {
  const { name, attributes, events, status, links } = span;
  return { name, attributes, events, status, links };
}
