import type { Phase } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { withRequest, type Events, type LoginEvent } from './events.js';
import { describeError } from '../../platform/tracing/phases.js';

/** The login that an event is about. */
export interface ToldLogin extends Pick<LoginEvent, 'client' | 'sub' | 'link'> {
  request?: unknown;
}

/** A failed login, and its phase. */
export interface ToldFailure extends ToldLogin {
  error: unknown;
  phase: Phase;
  reference?: string | undefined;
}

/**
 * Returns whether the user denied the login at the provider; an API that denies access does not
 * count.
 */
export function hasDeclined(error: unknown): boolean {
  return (
    error instanceof OAuthError && error.code === 'access_denied' && error.phase === 'callback'
  );
}

/** Notifies the listeners of a successful login. */
export async function tellLogin(
  events: Events,
  { client, sub, link, request }: ToldLogin,
): Promise<void> {
  const event = { client, sub, ...(link === undefined ? {} : { link }) };
  await events.emit('login', withRequest(event, request));
}

/** Notifies the listeners of a failed login; requests that cannot finish a login are ignored. */
export async function tellFailedLogin(
  events: Events,
  { client, sub, error, phase, reference, request }: ToldFailure,
): Promise<void> {
  const known = error instanceof OAuthError ? error : undefined;
  if (known?.code === 'unwanted_request' || known?.code === 'unknown_client') return;
  const event = {
    client,
    sub,
    code: known?.code,
    phase: known?.phase ?? phase,
    declined: hasDeclined(error),
    error: describeError(error),
    ...(reference === undefined ? {} : { reference }),
  };
  await events.emit('login:failed', withRequest(event, request));
}

/** Runs a step of a login and notifies the listeners if it fails. */
export async function tellingFailure<R>(
  events: Events,
  { client, phase, request }: Omit<ToldFailure, 'error'>,
  step: () => Promise<R>,
): Promise<R> {
  try {
    return await step();
  } catch (error) {
    await tellFailedLogin(events, { client, phase, request, error });
    throw error;
  }
}
