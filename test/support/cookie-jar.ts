/** A cookie, as a browser stores it. */
export interface Cookie {
  name: string;
  value: string;
  /** The host that set it; ports do not separate cookies. */
  host: string;
  path: string;
  secure: boolean;
  httpOnly: boolean;
  sameSite: 'Strict' | 'Lax' | 'None';
  /** In milliseconds since the epoch; `undefined` for a session cookie. */
  expires: number | undefined;
}

/** A `Set-Cookie` header that was not taken, and why. */
export interface RefusedCookie {
  header: string;
  reason: string;
}

/** What decides whether a cookie travels with a request. */
export interface CookieContext {
  url: URL;
  method: string;
  /** Whether another site caused the request, directly or by a redirect. */
  crossSite: boolean;
}

/** Maximum bytes of name and value that browsers store. */
const sizeLimit = 4096;

/** The cookies of one browser. */
export class CookieJar {
  cookies: Cookie[] = [];
  /** The rejected cookies, with the reasons. */
  refused: RefusedCookie[] = [];
  /** Whether http on loopback counts as secure, as in Chrome and Firefox. */
  readonly secureLoopback: boolean;

  constructor(secureLoopback = false) {
    this.secureLoopback = secureLoopback;
  }

  /** Finds a cookie by its name. */
  get(name: string): Cookie | undefined {
    this.#dropExpired();
    return this.cookies.find((cookie) => cookie.name === name);
  }

  /** Stores the cookies of a response. */
  store(url: URL, headers: readonly string[]): void {
    for (const header of headers) {
      const cookie = readCookie(url, header);
      const reason = cookie ? this.#problem(cookie, url, header) : 'It has no name.';
      if (cookie && reason === undefined) this.#put(cookie);
      else this.refused.push({ header, reason: reason ?? '' });
    }
  }

  /** The `Cookie` header of a request; `undefined` when there is nothing to send. */
  header(context: CookieContext): string | undefined {
    this.#dropExpired();
    const sent = this.cookies
      .filter((cookie) => this.#travels(cookie, context))
      .toSorted((a, b) => b.path.length - a.path.length);
    if (sent.length === 0) return undefined;
    return sent.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Copies the jar: what happens to the copy does not happen to this one. */
  clone(): CookieJar {
    const copy = new CookieJar(this.secureLoopback);
    copy.cookies = this.cookies.map((cookie) => ({ ...cookie }));
    return copy;
  }

  #put(cookie: Cookie): void {
    const isSame = (other: Cookie) =>
      other.name === cookie.name && other.host === cookie.host && other.path === cookie.path;
    const index = this.cookies.findIndex(isSame);
    if (index < 0) this.cookies.push(cookie);
    else this.cookies[index] = cookie;
    this.#dropExpired();
  }

  #travels(cookie: Cookie, { url, method, crossSite }: CookieContext): boolean {
    if (cookie.host !== url.hostname || !pathMatches(url.pathname, cookie.path)) return false;
    if (cookie.secure && !this.#isSecure(url)) return false;
    if (!crossSite || cookie.sameSite === 'None') return true;
    return cookie.sameSite === 'Lax' && (method === 'GET' || method === 'HEAD');
  }

  /** The rules of RFC 6265bis §5.7, those that matter between loopback hosts. */
  #problem(cookie: Cookie, url: URL, header: string): string | undefined {
    const { name, value, secure, sameSite, path } = cookie;
    const domain = attributes(header).get('domain');
    if (name.length + Buffer.byteLength(value) > sizeLimit) return 'It is larger than 4096 bytes.';
    if (domain && domain.replace(/^\./, '') !== url.hostname) return 'Its Domain is another host.';
    if (secure && !this.#isSecure(url)) return 'It is Secure, and the URL is not.';
    if (sameSite === 'None' && !secure) return 'SameSite=None needs Secure.';
    if (/^__secure-/i.test(name) && !secure) return '__Secure- needs Secure.';
    if (/^__host-/i.test(name) && (!secure || path !== '/' || domain))
      return '__Host- needs Secure, Path=/ and no Domain.';
    return undefined;
  }

  #isSecure(url: URL): boolean {
    if (url.protocol === 'https:') return true;
    return this.secureLoopback && /^(localhost|127\.0\.0\.1|\[::1\])$/.test(url.hostname);
  }

  #dropExpired(): void {
    const time = Date.now();
    this.cookies = this.cookies.filter(({ expires }) => expires === undefined || expires > time);
  }
}

/** Reads one `Set-Cookie` header. */
function readCookie(url: URL, header: string): Cookie | undefined {
  const [pair = ''] = header.split(';');
  const equals = pair.indexOf('=');
  const name = pair.slice(0, equals).trim();
  if (equals < 0 || name === '') return undefined;
  const found = attributes(header);
  const path = found.get('path');
  return {
    name,
    value: pair.slice(equals + 1).trim(),
    host: url.hostname,
    path: path?.startsWith('/') ? path : defaultPath(url.pathname),
    secure: found.has('secure'),
    httpOnly: found.has('httponly'),
    sameSite: readSameSite(found.get('samesite')),
    expires: readExpiry(found),
  };
}

function attributes(header: string): Map<string, string> {
  const found = new Map<string, string>();
  for (const part of header.split(';').slice(1)) {
    const [name = '', ...value] = part.split('=');
    found.set(name.trim().toLowerCase(), value.join('=').trim());
  }
  return found;
}

/** A cookie without `SameSite` is `Lax`, as in Chrome, but without the exception for new cookies. */
function readSameSite(value = ''): Cookie['sameSite'] {
  const known = { strict: 'Strict', none: 'None', lax: 'Lax' } as const;
  const name = value.toLowerCase();
  return name === 'strict' || name === 'none' ? known[name] : 'Lax';
}

/** `Max-Age` wins over `Expires`. */
function readExpiry(found: Map<string, string>): number | undefined {
  const maxAge = found.get('max-age') ?? '';
  if (/^-?\d+$/.test(maxAge)) return Date.now() + Number(maxAge) * 1000;
  const date = Date.parse(found.get('expires') ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function defaultPath(pathname: string): string {
  return pathname.slice(0, pathname.lastIndexOf('/')) || '/';
}

function pathMatches(pathname: string, path: string): boolean {
  if (pathname === path) return true;
  return pathname.startsWith(path.endsWith('/') ? path : `${path}/`);
}
