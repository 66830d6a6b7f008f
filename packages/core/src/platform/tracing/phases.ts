import { published, type PhaseError, type PhaseEvent } from './diagnostics-channel.js';
import type { Phase } from '../../model/error-codes.js';
import { OAuthError, reasonOf } from '../../model/errors.js';
import { spanned } from './opentelemetry.js';

/** Phases that are part of another phase and often served from a cache. */
const unpublished: ReadonlySet<Phase> = new Set(['register', 'metadata', 'id_token']);

/** Wraps a function that is one phase of a client. */
export function traced<Args extends unknown[], Result>(
  client: string,
  phase: Phase,
  run: (...args: Args) => Promise<Result>,
): (...args: Args) => Promise<Result> {
  return (...args) => trace({ client, phase }, () => run(...args));
}

/** Runs one phase of a client: adds client and phase to its errors, and publishes it. */
export function trace<R>(event: PhaseEvent, step: (event: PhaseEvent) => Promise<R>): Promise<R> {
  const run = (): Promise<R> => withPhase(event, step);
  return unpublished.has(event.phase) ? run() : spanned(event, () => published(event, run));
}

/** Runs a step and adds the client, if there is one, and the phase to its errors. */
export async function withPhase<E extends UnpublishedEvent, R>(
  event: E,
  step: (event: E) => Promise<R>,
): Promise<R> {
  try {
    return await step(event);
  } catch (error) {
    event.error = describeError(error);
    throw error instanceof OAuthError ? error.within(event.client, event.phase) : error;
  }
}

type UnpublishedEvent = Pick<PhaseEvent, 'phase' | 'error'> & { client?: string | undefined };

/**
 * Returns the error details that are safe to publish; errors of the application's hooks and stores
 * may contain anything.
 */
export function describeError(error: unknown): PhaseError {
  if (error instanceof OAuthError) {
    const { name, code, message, providerStatus, reason } = error;
    return { name, code, message, providerStatus, reason };
  }
  return { name: error instanceof Error ? error.name : typeof error, reason: reasonOf(error) };
}
