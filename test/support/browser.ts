import { request as httpRequest, type IncomingMessage } from 'node:http';
import type { LookupFunction } from 'node:net';
import { CookieJar } from './cookie-jar.js';

/** Options of one request of a {@link Browser}. */
export interface VisitOptions {
  headers?: Record<string, string>;
  /** The URL of the page that links here or submits here; without it, the user typed the URL. */
  from?: string | URL;
}

/** Options of {@link Browser.follow}. */
export interface FollowOptions extends VisitOptions {
  /** Stops before the first URL for which this returns `true`; it is not requested. */
  until?: (url: URL) => boolean;
}

/** A response, its body read. */
export interface Visit {
  status: number;
  /** Repeated headers are joined, except `Set-Cookie`: see `setCookies`. */
  headers: Headers;
  setCookies: string[];
  text(): string;
  json(): unknown;
  /** The requested URL. */
  url: URL;
  /** How it was requested. */
  request: { method: string; form?: URLSearchParams | undefined };
  /** The absolute URL of a redirect. */
  location: URL | undefined;
  /** Every URL that was requested on the way here, this one last. */
  history: URL[];
  /** The URL before which `until` stopped; the form of a POST is in `pending.form`. */
  pending?: { url: URL; form?: URLSearchParams };
}

/** One step: what is requested next. */
interface Step {
  method: string;
  url: URL;
  form?: URLSearchParams | undefined;
  headers: Record<string, string>;
  crossSite: boolean;
}

/** Redirects and self-submitting forms that are followed at most. */
const hopLimit = 10;

/**
 * A browser for flows of plain HTTP: it stores cookies by the rules, follows redirects on request, and
 * submits the page of the form_post response mode. Every host name resolves to this machine, so an
 * application can be visited under any name.
 */
export class Browser {
  jar: CookieJar;

  constructor(options: { secureLoopback?: boolean } = {}) {
    this.jar = new CookieJar(options.secureLoopback);
  }

  /** Requests a URL. Redirects are returned. */
  get(url: string | URL, options: VisitOptions = {}): Promise<Visit> {
    return this.#send(firstStep('GET', url, options));
  }

  head(url: string | URL, options: VisitOptions = {}): Promise<Visit> {
    return this.#send(firstStep('HEAD', url, options));
  }

  /** Submits a form. With `from` on another site, only `SameSite=None` cookies travel. */
  post(url: string | URL, form: FormFields = {}, options: VisitOptions = {}): Promise<Visit> {
    return this.#send({ ...firstStep('POST', url, options), form: new URLSearchParams(form) });
  }

  /** Requests a URL, then those of its redirects and self-submitting forms. */
  async follow(url: string | URL, options: FollowOptions = {}): Promise<Visit> {
    return this.continue(await this.get(url, options), options);
  }

  /** Goes on from a response, as {@link Browser.follow} does. */
  async continue(from: Visit, options: FollowOptions = {}): Promise<Visit> {
    let visit = from;
    let crossSite = isCrossSite(options.from, visit.url);
    for (let hops = 0; hops < hopLimit; hops += 1) {
      const next = nextStep(visit, options.headers ?? {});
      if (!next) return visit;
      const { url, form } = next;
      if (options.until?.(url)) return { ...visit, pending: form ? { url, form } : { url } };
      crossSite = crossSite || isCrossSite(visit.url, url);
      const { history } = visit;
      const response = await this.#send({ ...next, crossSite });
      visit = { ...response, history: [...history, ...response.history] };
    }
    throw new Error(`More than ${hopLimit} redirects, the last one to ${visit.location?.href}.`);
  }

  /** Copies the browser with its cookies: an attacker's, or a second window of another profile. */
  clone(): Browser {
    const copy = new Browser();
    copy.jar = this.jar.clone();
    return copy;
  }

  async #send(step: Step): Promise<Visit> {
    const cookie = this.jar.header(step);
    const headers = { ...(cookie === undefined ? {} : { cookie }), ...step.headers };
    const { incoming, body } = await transfer(step, headers);
    const setCookies = incoming.headers['set-cookie'] ?? [];
    this.jar.store(step.url, setCookies);
    return makeVisit(step, incoming, { body, setCookies });
  }
}

type FormFields = Record<string, string> | [string, string][] | URLSearchParams | string;

function firstStep(method: string, address: string | URL, options: VisitOptions): Step {
  const url = new URL(address);
  const crossSite = isCrossSite(options.from, url);
  return { method, url, headers: lowerCase(options.headers ?? {}), crossSite };
}

function lowerCase(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** A site is a host: `localhost` and `127.0.0.1` are two, and two ports of one host are one. */
function isCrossSite(from: string | URL | undefined, to: URL): boolean {
  return from !== undefined && new URL(from).hostname !== to.hostname;
}

function transfer(
  { method, url, form }: Step,
  headers: Record<string, string>,
): Promise<{ incoming: IncomingMessage; body: Buffer }> {
  const body = form?.toString();
  const type = body === undefined ? {} : { 'content-type': 'application/x-www-form-urlencoded' };
  return new Promise((resolve, reject) => {
    const options = { method, lookup, headers: { ...type, ...headers }, agent: false };
    const sent = httpRequest(url, options, (incoming) => {
      readAll(incoming).then((read) => resolve({ incoming, body: read }), reject);
    });
    sent.on('error', reject).end(body);
  });
}

async function readAll(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming as AsyncIterable<Buffer>) chunks.push(chunk);
  return Buffer.concat(chunks);
}

const loopback = [
  { address: '127.0.0.1', family: 4 },
  { address: '::1', family: 6 },
];

/** Resolves every name to this machine. */
const lookup: LookupFunction = (_hostname, options, callback) => {
  if (options.all) callback(null, loopback);
  else callback(null, '127.0.0.1', 4);
};

function makeVisit(
  { url, method, form }: Step,
  incoming: IncomingMessage,
  { body, setCookies }: { body: Buffer; setCookies: string[] },
): Visit {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headersDistinct))
    for (const single of value ?? []) headers.append(name, single);
  const status = incoming.statusCode ?? 0;
  const target = status >= 300 && status < 400 ? headers.get('location') : null;
  const text = body.toString('utf8');
  return {
    status,
    headers,
    setCookies,
    text: () => text,
    json: () => JSON.parse(text) as unknown,
    url,
    request: { method, form },
    location: target === null ? undefined : new URL(target, url),
    history: [url],
  };
}

/** The next request of a browser: 307 and 308 preserve method and form, other redirects do not. */
function nextStep(
  visit: Visit,
  headers: Record<string, string>,
): Omit<Step, 'crossSite'> | undefined {
  const { location, status, request } = visit;
  const preserves = status === 307 || status === 308;
  if (location && preserves)
    return { method: request.method, form: request.form, url: location, headers };
  if (location) return { method: 'GET', url: location, headers };
  const isHtml = (visit.headers.get('content-type') ?? '').includes('text/html');
  const form = isHtml ? readForm(visit) : undefined;
  return form && { method: 'POST', ...form, headers };
}

/** Reads a page whose form submits itself; a form that waits for a click is left alone. */
function readForm(visit: Visit): { url: URL; form: URLSearchParams } | undefined {
  const html = visit.text();
  const tag = /<form\b[^>]*>/i.exec(html)?.[0];
  if (tag === undefined || !/\.submit\(\)/.test(html)) return undefined;
  if (attribute(tag, 'method')?.toLowerCase() !== 'post') return undefined;
  const form = new URLSearchParams();
  for (const [input] of html.matchAll(/<input\b[^>]*>/gi)) {
    const name = attribute(input, 'name');
    if (name) form.append(name, attribute(input, 'value') ?? '');
  }
  return { url: new URL(attribute(tag, 'action') ?? '', visit.url), form };
}

function attribute(tag: string, name: string): string | undefined {
  const match = new RegExp(`\\s${name}=(?:"([^"]*)"|'([^']*)')`, 'i').exec(tag);
  const value = match?.[1] ?? match?.[2];
  return value === undefined ? undefined : unescapeHtml(value);
}

function unescapeHtml(text: string): string {
  const named: Record<string, string> = { amp: '&', lt: '<', gt: '>', quot: '"', apos: "'" };
  return text.replace(/&(?:#x([0-9a-f]+)|#(\d+)|(\w+));/gi, (whole, ...groups: string[]) => {
    const [hex, decimal, name] = groups;
    if (hex) return String.fromCodePoint(Number.parseInt(hex, 16));
    if (decimal) return String.fromCodePoint(Number(decimal));
    return named[name ?? ''] ?? whole;
  });
}
