import { OAuthError, reasonOf } from '../model/errors.js';

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
