import { OAuthError, reasonOf } from '../model/errors.js';
import type { Awaitable } from '../model/types.js';
import { withTimeout } from './timeout.js';

/** How a failed step of a store is reported. */
export interface StoreStep {
  /** Subject of the error message. */
  what: string;
  /** Milliseconds; `undefined` for the default. */
  timeout: number | undefined;
  /** Whether errors of the step itself are rethrown unchanged. */
  own?: boolean;
  /** What did not happen, and what to do. */
  otherwise: string;
}

/** Runs a step of a store. Every failure, including a timeout, is `storage_failed`. */
export async function guardStoreStep<T>(run: () => Awaitable<T>, step: StoreStep): Promise<T> {
  const { what, timeout, own, otherwise } = step;
  try {
    return await withTimeout(run, timeout);
  } catch (error) {
    const isOurs = error instanceof OAuthError;
    if (isOurs || (own && reasonOf(error) !== 'TIMEOUT')) throw error;
    throw storeFailure(what, error, otherwise);
  }
}

/**
 * Creates the error of a failed store. Its `cause` has the class, code and stack of the store's
 * error, but not its message, which may quote keys and values.
 */
export function storeFailure(what: string, error: unknown, otherwise: string): OAuthError {
  const reason = reasonOf(error);
  const hint = hints.find(([reasons]) => reason !== undefined && reasons.test(reason))?.[1];
  return new OAuthError(
    'storage_failed',
    `${what} failed${reason ? ` (${reason})` : ''}. ${hint ?? otherwise}`,
    { reason, cause: redacted(error, reason) },
  );
}

const hints: readonly [reasons: RegExp, hint: string][] = [
  [
    /^(42P01|3F000|42703|ER_NO_SUCH_TABLE)$/,
    'Its tables are missing or of an older version: run migrate() of the store, or the statements of ' +
      'postgresMigrations(), before the application starts.',
  ],
  [
    /^(42501|NOPERM)$/,
    'The database role lacks a permission: grant it, or run the statements of ' +
      'postgresMigrations() as a role that may create tables.',
  ],
  [/^(28\w{3}|NOAUTH|WRONGPASS)$/, 'Check the user and the password of the connection.'],
  [/^(OOM|53100|MISCONF)$/, 'The server has no space left. Free memory or disk space.'],
];

function redacted(error: unknown, reason: string | undefined): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, stack = '' } = error;
  const cause = new Error(reason ?? 'The message is omitted because it may quote stored data.');
  cause.name = /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  // Stack frames only: the text before them is the message.
  const at = message === '' ? 0 : stack.indexOf(message) + message.length;
  const frames = stack
    .slice(at)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  cause.stack = [`${cause.name}: ${cause.message}`, ...frames].join('\n');
  return cause;
}
