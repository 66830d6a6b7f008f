import { OAuthError, reasonOf } from '../model/errors.js';
import type { TokenPage, TokenStore } from '../model/ports.js';
import type { Awaitable } from '../model/types.js';
import { isPromise } from './awaitable.js';
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
export function guardStoreStep<T>(run: () => Awaitable<T>, step: StoreStep): Awaitable<T> {
  try {
    const result = withTimeout(run, step.timeout);
    return isPromise(result) ? result.catch((error: unknown) => failStep(error, step)) : result;
  } catch (error) {
    return failStep(error, step);
  }
}

function failStep(error: unknown, { what, own, otherwise }: StoreStep): never {
  const isOurs = error instanceof OAuthError;
  if (isOurs || (own && reasonOf(error) !== 'TIMEOUT')) throw error;
  throw storeFailure(what, error, otherwise);
}

/** Wraps a token store so that every failure, including a timeout, is `storage_failed`. */
export function guardTokenStore(store: TokenStore, timeout: number): TokenStore {
  const guard = <R>(use: () => Awaitable<R>): Awaitable<R> =>
    guardStoreStep(use, { what: tokens, timeout, otherwise: passes });
  return {
    get: (key) => guard(() => store.get(key)),
    put: (key, entry, replaces) => guard(() => store.put(key, entry, replaces)),
    delete: (key) => guard(() => store.delete(key)),
    list: (userId) => guard(() => store.list(userId)),
    lock: (key, holder, ttl) => guard(() => store.lock(key, holder, ttl)),
    unlock: (key, holder) => guard(() => store.unlock(key, holder)),
    overwrites: store.overwrites === true,
    atomic: store.atomic !== false,
    ...(store.page
      ? { page: (limit, after) => guard(() => store.page?.(limit, after) ?? none) }
      : {}),
    ...(store.due
      ? { due: (before, limit, after) => guard(() => store.due?.(before, limit, after) ?? none) }
      : {}),
  };
}

const none: TokenPage = { entries: [] };
const tokens = 'The token store';
const passes = 'Cached tokens still work; try again.';

/** Creates the error of a token store that misbehaved. */
export function tokenStoreFailed(reason: 'LOCK_LOST' | 'NOT_WRITTEN'): OAuthError {
  return new OAuthError('storage_failed', `${tokens} failed (${reason}). ${passes}`, { reason });
}

/** Returns whether an error is a possibly temporary failure of a store. */
export function isStoreFailure(error: unknown): boolean {
  return error instanceof OAuthError && error.code === 'storage_failed';
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
      'postgresMigrations() or mysqlMigrations(), before the application starts.',
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
