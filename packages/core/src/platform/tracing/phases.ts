import { published, type PhaseError, type PhaseEvent } from './diagnostics-channel.js';
import type { Phase } from '../../model/error-codes.js';
import { OAuthError, reasonOf } from '../../model/errors.js';
import { spanned } from './opentelemetry.js';

/** What happens within these is part of another phase, and often comes from a cache. */
const unpublished: ReadonlySet<Phase> = new Set(['register', 'metadata', 'id_token']);

/** Makes a function that is one phase of a client. */
export function placed<Args extends unknown[], Result>(
  client: string,
  phase: Phase,
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => inPhase({ client, phase }, () => run(...args));
}

/** Runs one phase of a client: its errors say where they happened, and those who watch are told. */
export async function inPhase<R>(
  event: PhaseEvent,
  step: (event: PhaseEvent) => Promise<R>,
): Promise<R> {
  const run = (): Promise<R> => withPlace(event, step);
  return await (unpublished.has(event.phase) ? run() : spanned(event, () => published(event, run)));
}

/** Runs a step whose errors say with which client and in which phase they happened. */
export async function withPlace<R>(
  event: PhaseEvent,
  step: (event: PhaseEvent) => Promise<R>,
): Promise<R> {
  try {
    return await step(event);
  } catch (error) {
    event.error = describeError(error);
    throw error instanceof OAuthError ? error.within(event.client, event.phase) : error;
  }
}

/** Runs a step that no client takes; its errors say in which phase they happened. */
export async function clientless<R>(phase: Phase, step: () => Promise<R>): Promise<R> {
  try {
    return await step();
  } catch (error) {
    throw error instanceof OAuthError ? error.within(undefined, phase) : error;
  }
}

/** What may be said of an error; one of the application's own hooks and stores may quote anything. */
export function describeError(error: unknown): PhaseError {
  if (error instanceof OAuthError) {
    const { name, code, message, providerStatus, reason } = error;
    return { name, code, message, providerStatus, reason };
  }
  return { name: error instanceof Error ? error.name : typeof error, reason: reasonOf(error) };
}
