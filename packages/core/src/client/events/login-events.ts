import type { Phase } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';
import { withRequest, type Events, type LoginEvent } from './events.js';
import { describeError } from '../../platform/tracing/phases.js';

/** The login that an event is about. */
export interface LoginNotice extends Pick<LoginEvent, 'client' | 'sub' | 'link'> {
  request?: unknown;
}

/** A failed login, and its phase. */
export interface LoginFailureNotice extends LoginNotice {
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
export async function notifyLogin(
  events: Events,
  { client, sub, link, request }: LoginNotice,
): Promise<void> {
  const event = { client, sub, ...(link === undefined ? {} : { link }) };
  await events.emit('login', withRequest(event, request));
}

/** Notifies the listeners of a failed login; requests that cannot finish a login are ignored. */
export async function notifyFailedLogin(
  events: Events,
  { client, sub, error, phase, reference, request }: LoginFailureNotice,
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
export async function notifyingFailure<R>(
  events: Events,
  { client, phase, request }: Omit<LoginFailureNotice, 'error'>,
  step: () => Promise<R>,
): Promise<R> {
  try {
    return await step();
  } catch (error) {
    await notifyFailedLogin(events, { client, phase, request, error });
    throw error;
  }
}
