import { OAuthError, reasonOf } from '../../model/errors.js';

/** Environment variables by name. */
export type Environment = Readonly<Record<string, string | undefined>>;

/** An HTTP proxy that an environment variable names. */
export interface HttpProxy {
  /** The name of the variable, for messages. */
  readonly variable: string;
  /** The URL without user information. */
  readonly url: URL;
  /** The `Proxy-Authorization` header (RFC 9110 §11.7.2). */
  readonly authorization: string | undefined;
}

/**
 * Returns the proxy for a URL: that of `HTTPS_PROXY` or `HTTP_PROXY`, unless `NO_PROXY` excludes the
 * host. Lower-case names come first.
 *
 * @throws OAuthError `invalid_options` if the variable has no URL of an http or https proxy
 */
export function proxyFor(url: URL, environment: Environment): HttpProxy | undefined {
  const variable = variableOf(url, environment);
  if (variable === undefined || isExcluded(url, environment)) return undefined;
  return parseProxy(variable, environment[variable] ?? '');
}

/** Returns the variable that applies; none if it is empty. */
function variableOf({ protocol }: URL, environment: Environment): string | undefined {
  const name = protocol === 'https:' ? 'https_proxy' : 'http_proxy';
  const upper = name.toUpperCase();
  const lowerValue = environment[name];
  if (lowerValue !== undefined) return lowerValue === '' ? undefined : name;
  if (!environment[upper]) return undefined;
  // In a CGI process HTTP_PROXY is the header "Proxy" of the request (CVE-2016-5385).
  const isHeader = upper === 'HTTP_PROXY' && environment['REQUEST_METHOD'] !== undefined;
  return isHeader ? undefined : upper;
}

function isExcluded(url: URL, environment: Environment): boolean {
  const list = environment['no_proxy'] ?? environment['NO_PROXY'] ?? '';
  return list.split(/[\s,]+/).some((entry) => excludes(entry.toLowerCase(), url));
}

function excludes(entry: string, url: URL): boolean {
  if (entry === '*') return true;
  const { host, port } = splitEntry(entry);
  if (host === '' || (port !== undefined && port !== portOf(url))) return false;
  const suffix = /^\*?(\..+)$/.exec(host)?.[1];
  return suffix === undefined ? url.hostname === host : url.hostname.endsWith(suffix);
}

/** An IPv6 address may have no brackets; it has no port then. */
function splitEntry(entry: string): { host: string; port?: string | undefined } {
  const isBare = !entry.startsWith('[') && entry.split(':').length > 2;
  if (isBare) return { host: canonical(`[${entry}]`) };
  const [, host = '', port] = /^(.*?)(?::(\d+))?$/.exec(entry) ?? [];
  return { host: canonical(host), port };
}

/** An IPv6 address is compared in the form of URLs. */
function canonical(host: string): string {
  const url = `http://${host}/`;
  return host.startsWith('[') && URL.canParse(url) ? new URL(url).hostname : host;
}

/** The port of a URL, or the default one of its scheme. */
export function portOf({ protocol, port }: URL): string {
  return port || (protocol === 'https:' ? '443' : '80');
}

function parseProxy(variable: string, value: string): HttpProxy {
  const text = /^[a-z][a-z\d+.-]*:\/\//i.test(value) ? value : `http://${value}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol)) throw invalidProxy(variable);
  const authorization = authorizationOf(url, variable);
  return { variable, url: new URL(url.origin), authorization };
}

function authorizationOf({ username, password }: URL, variable: string): string | undefined {
  if (username === '' && password === '') return undefined;
  try {
    const bytes = new TextEncoder().encode(
      `${decodeURIComponent(username)}:${decodeURIComponent(password)}`,
    );
    return `Basic ${btoa(String.fromCharCode(...bytes))}`;
  } catch {
    throw invalidProxy(variable);
  }
}

function invalidProxy(variable: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `The environment variable "${variable}" must be the URL of an http or https proxy, such as ` +
      'http://proxy.example:3128. A user name and password in it are percent-encoded. Nothing was sent.',
  );
}

/** A proxy that did not pass on a request: nothing was sent to the provider. */
export class ProxyError extends Error {
  /** Begins with `PROXY_`. */
  readonly code: string;

  constructor(message: string, code: string) {
    super(message);
    this.code = code;
  }
}

/** The error of a proxy that cannot be connected to, or closes the connection. */
export function proxyUnreachable({ variable }: HttpProxy, error?: unknown): ProxyError {
  const reason = reasonOf(error);
  const seen = reason === undefined ? '' : ` (${reason})`;
  return new ProxyError(
    `The proxy in "${variable}" could not be reached${seen}. Check the variable and the network.`,
    `PROXY_${reason ?? 'CLOSED'}`,
  );
}

/** The error of a proxy that responds with an error. */
export function proxyRefused({ variable }: HttpProxy, status: number): ProxyError {
  const advice =
    status === 407
      ? 'Check the user name and the password in its URL.'
      : 'Check that it allows this host, or exclude the host with "NO_PROXY".';
  return new ProxyError(
    `The proxy in "${variable}" responded ${status}. ${advice}`,
    `PROXY_${status}`,
  );
}
