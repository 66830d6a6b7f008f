import { hasDeclined } from '../client/events/login-events.js';
import type { OAuthErrorCode } from '../model/error-codes.js';
import { OAuthError } from '../model/errors.js';
import type { BrowserExchange, LogDetails } from '../model/ports.js';

/** What is reported to the operator of the application. */
export interface Report {
  error: unknown;
  client: string;
  /** The URL of the request, without its query, which has codes in it. */
  url: string;
  /** The reference on the user's page. */
  reference: string;
}

/** What users, other sites and time bring about; there is nothing an operator could do. */
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

/** Tells whether an operator must hear of an error: all but what users bring about by themselves. */
export function concernsOperator(error: unknown): boolean {
  return !(error instanceof OAuthError) || !(hasDeclined(error) || notOurs.has(error.code));
}

/**
 * Writes one line to the log of the framework, or to the console, in which the operator finds the reference
 * of the user's page. Of an error that is not this library's, the logger gets the error itself as well.
 */
export function report(browser: BrowserExchange, { error, client, url, reference }: Report): void {
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

/** The log where the framework has none: one line, and an error that is not this library's behind it. */
function logToConsole(line: string, { err }: LogDetails): void {
  // oxlint-disable no-console -- an operator has nothing else to see a failed login in
  if (err instanceof OAuthError) console.error(line);
  else console.error(line, err);
}

/**
 * Tells whether users must not see what only developers understand: with `NODE_ENV=production`, and in
 * runtimes that do not say.
 */
export function isProduction(): boolean {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return !process?.env || process.env['NODE_ENV'] === 'production';
}
