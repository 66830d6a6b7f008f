import { OAuthError } from '../model/errors.js';

/** A logger, such as pino or the console. Lines contain no secrets and no provider-supplied text. */
export interface Logger {
  /** Logs a request to a provider, or an event. */
  debug(details: object, line: string): unknown;
  /** Logs a failed login, or the end of an authorization. Default: `debug`. */
  warn?(details: object, line: string): unknown;
}

/** One request to a provider. */
export interface RequestLine {
  client: string | undefined;
  /** What was requested, for example `token endpoint`. */
  what: string;
  method: string;
  /** Origin and path. */
  url: string;
  status?: number | undefined;
  /** The code of the error, if there was no response. */
  error?: string | undefined;
  milliseconds: number;
}

/** Logs one request. */
export type LogRequest = (line: RequestLine) => void;

/** Returns what logs requests. A logger that throws does not disturb a login. */
export function requestLog(logger: Logger): LogRequest {
  return (details) => {
    const { client = '-', what, method, url, status, error, milliseconds } = details;
    const outcome = status ?? error ?? 'failed';
    const line = `oauth-registry ${client}: ${what} ${method} ${url} ${outcome} ${milliseconds} ms`;
    logSafely(() => logger.debug(details, line));
  };
}

/** Calls a logger, and ignores what it throws. */
export function logSafely(log: () => unknown): void {
  try {
    log();
  } catch {
    // Its own problem.
  }
}

/** A logger that writes lines to the error output of the process. */
export const consoleLogger: Logger = {
  debug: (_, line) => console.error(line),
};

/**
 * Returns a URL for a log: without query, fragment and user information, and without long path
 * segments, which may be tokens.
 */
export function loggedUrl({ origin, pathname }: URL): string {
  return origin + pathname.replaceAll(/[^/]{25,}/g, '…');
}

/** Returns the code of an error for a log. */
export function errorCode(error: unknown): string {
  return error instanceof OAuthError ? error.code : 'failed';
}
