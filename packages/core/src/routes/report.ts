import { hasDeclined } from '../client/events/events.js';
import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserRequest, LogDetails } from '../model/ports.js';

/** A report to the operator of the application. */
export interface Report {
  error: unknown;
  client: string;
  /** The request URL without its query, which contains codes. */
  url: string;
  /** The reference on the user's page. */
  reference: string;
}

/** Errors caused by users, other sites or timeouts, about which an operator can do nothing. */
const notOurs: ReadonlySet<OAuthErrorCode> = new Set([
  'unknown_client',
  'unwanted_request',
  'cross_site_request',
  'mismatching_state',
  'expired_state',
  'missing_request_token',
  'mismatching_account',
  'invalid_callback',
  'invalid_logout_token',
  'invalid_server',
  'unsafe_address',
  'login_required',
  'interaction_required',
  'account_selection_required',
  'consent_required',
  'unmet_authentication_requirements',
  'insufficient_user_authentication',
]);

/** Returns whether an error is reported to the operator: all except those that users cause. */
export function concernsOperator(error: unknown): boolean {
  return !(error instanceof OAuthError) || !(hasDeclined(error) || notOurs.has(error.code));
}

/**
 * Logs one line with the reference of the user's page, to the framework's log or the console. An
 * error not thrown by this library is passed to the logger as well.
 */
export function report(browser: BrowserRequest, { error, client, url, reference }: Report): void {
  const known = error instanceof OAuthError ? error : undefined;
  const said = known
    ? `${known.code}${known.phase ? ` (${known.phase})` : ''}: ${known.message}`
    : 'a hook of the application threw';
  const about = client === '' ? '' : ` client "${client}",`;
  const line =
    `oauth-registry: ${browser.method} ${url}:${about} ${said} [reference ${reference}]`.replaceAll(
      /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}]+/gu,
      ' ',
    );
  const log = browser.log ?? logToConsole;
  log(line, { err: error, client, code: known?.code, url, reference });
}

/**
 * Logs to the console if the framework has no logger: one line, followed by an error not thrown by
 * this library.
 */
function logToConsole(line: string, { err }: LogDetails): void {
  // oxlint-disable no-console -- the only trace of a failed login for the operator
  if (err instanceof OAuthError) console.error(line);
  else console.error(line, err);
}

/**
 * Returns whether to hide details for developers from users: with `NODE_ENV=production`, and in
 * runtimes without it.
 */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return !process?.env || process.env['NODE_ENV'] === 'production';
}
