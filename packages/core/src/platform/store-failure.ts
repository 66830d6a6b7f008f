import { OAuthError, reasonOf } from '../model/errors.js';

/**
 * The error of a store that failed. Its `cause` has the class, the code and the stack of the store's own
 * error, and nothing of its message, which may quote keys and values.
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
    'The role it is connected as lacks a permission: grant it, or run the statements of ' +
      'postgresMigrations() as a role that may create tables.',
  ],
  [/^(28\w{3}|NOAUTH|WRONGPASS)$/, 'Check the user and the password it is connected with.'],
  [/^(OOM|53100|MISCONF)$/, 'It has no room left to write. Look at the server.'],
];

function redacted(error: unknown, reason: string | undefined): Error | undefined {
  if (!(error instanceof Error)) return undefined;
  const { message, stack = '' } = error;
  const cause = new Error(reason ?? 'The message is left out, as it may quote what is stored.');
  cause.name = /^\w{1,40}$/.test(error.name) ? error.name : 'Error';
  // Frames alone: the text before them is the message.
  const at = message === '' ? 0 : stack.indexOf(message) + message.length;
  const frames = stack
    .slice(at)
    .split('\n')
    .filter((line) => /^ {4}at /.test(line));
  cause.stack = [`${cause.name}: ${cause.message}`, ...frames].join('\n');
  return cause;
}
