/**
 * Which hosts a URL from untrusted input may reach: `public` hosts only; also loopback
 * (`loopback`), for a developer's own servers; or `any`.
 */
export type Reach = 'public' | 'loopback' | 'any';

/**
 * Returns the rule that a URL from untrusted input violates, as the end of a sentence; `undefined`
 * if it is allowed. For a host name this is only the first check: {@link refusedIp} checks the
 * resolved IP addresses when connecting.
 */
export function refusedUrl(url: URL, reach: Reach): string | undefined {
  if (reach === 'any' || (reach === 'loopback' && isLocal(url.hostname))) return undefined;
  // Ports below 1024 belong to services with other protocols, which users have no reason to name.
  if (url.port !== '' && Number(url.port) < 1024) return 'has a port below 1024';
  return refusedHost(url.hostname);
}

function refusedHost(hostname: string): string | undefined {
  const ip = literal(hostname);
  if (ip !== undefined) {
    return refusedIp(ip, 'public') ? 'has an IP address that is not public' : undefined;
  }
  return /^(?:[a-z\d_-]+\.)+(?!\d)[a-z\d-]+$/.test(hostname) && !special.test(hostname)
    ? undefined
    : 'does not have a public host name';
}

/**
 * Returns whether a URL contains an IP address of this machine or of a private network; unknown for a
 * name.
 */
export function isInside({ hostname }: URL): boolean {
  const ip = literal(hostname);
  return isLocal(hostname) || (ip !== undefined && refusedIp(ip, 'public'));
}

/**
 * Special-use host names that are not public (RFC 6761, RFC 6762, RFC 8375, ICANN SAC113),
 * including those of clouds.
 */
const special =
  /(?:^|\.)(?:localhost|local|localdomain|internal|intranet|private|lan|home\.arpa|onion|invalid)$/;

/** Returns the IP address in a URL, normalized by the URL parser, without brackets. */
function literal(hostname: string): string | undefined {
  if (hostname.startsWith('[')) return hostname.slice(1, -1);
  return /^\d+(?:\.\d+){3}$/.test(hostname) ? hostname : undefined;
}

function isLocal(hostname: string): boolean {
  return hostname === 'localhost' || isLoopbackIp(literal(hostname) ?? '');
}

function isLoopbackIp(ip: string): boolean {
  return /^127\.\d+\.\d+\.\d+$/.test(ip) || ip === '::1';
}

/** Returns whether an IP address, as written by DNS or the URL parser, is not allowed. */
export function refusedIp(ip: string, reach: Reach): boolean {
  if (reach === 'any') return false;
  if (reach === 'loopback' && isLoopbackIp(ip)) return false;
  return ip.includes(':') ? !isPublic6(ip) : !isPublic4(ip);
}

/**
 * IPv4 networks that are not globally reachable (IANA special-purpose registry), with their prefix.
 */
const special4 = [
  '0.0.0.0/8',
  '10.0.0.0/8',
  '100.64.0.0/10',
  '127.0.0.0/8',
  '169.254.0.0/16',
  '172.16.0.0/12',
  '192.0.0.0/24',
  '192.0.2.0/24',
  '192.88.99.0/24',
  '192.168.0.0/16',
  '198.18.0.0/15',
  '198.51.100.0/24',
  '203.0.113.0/24',
  '224.0.0.0/3',
].map((network): [address: number, size: number] => {
  const [address = '', prefix] = network.split('/');
  return [number4(address) ?? 0, 2 ** (32 - Number(prefix))];
});

function number4(ip: string): number | undefined {
  const parts = ip.split('.').map((part) => (/^\d{1,3}$/.test(part) ? Number(part) : 256));
  if (parts.length !== 4 || parts.some((part) => part > 255)) return undefined;
  return parts.reduce((sum, part) => sum * 256 + part, 0);
}

function isPublic4(ip: string): boolean {
  const address = number4(ip);
  return (
    address !== undefined &&
    !special4.some(([first, size]) => address >= first && address < first + size)
  );
}

/**
 * Returns whether an IPv6 address is global unicast and not reserved. IPv4-mapped and
 * DNS64-translated IPv6 addresses (RFC 6052) are checked as IPv4.
 */
function isPublic6(ip: string): boolean {
  const groups = groups6(ip);
  if (groups === undefined) return false;
  const [a = 0, b = 0, , , , f, g = 0, h = 0] = groups;
  const zero = (from: number, to: number): boolean =>
    groups.slice(from, to).every((group) => group === 0);
  const mapped = zero(0, 5) && f === 0xffff;
  const translated = a === 0x64 && b === 0xff9b && zero(2, 6);
  if (mapped || translated) return isPublic4([g >> 8, g & 255, h >> 8, h & 255].join('.'));
  if (a < 0x2000 || a > 0x3fff) return false;
  const protocol = a === 0x2001 && b < 0x0200;
  const documentation = (a === 0x2001 && b === 0x0db8) || (a === 0x3fff && b < 0x1000);
  return !protocol && !documentation && a !== 0x2002;
}

/**
 * Returns the eight groups of an IPv6 address; none if it has a zone, because it is then
 * link-local.
 */
function groups6(ip: string): number[] | undefined {
  if (!URL.canParse(`http://[${ip}]/`)) return undefined;
  const plain = new URL(`http://[${ip}]/`).hostname.slice(1, -1);
  const [before = '', after] = plain.split('::');
  const head = before === '' ? [] : before.split(':');
  const tail = after === undefined || after === '' ? [] : after.split(':');
  const gap = after === undefined ? [] : Array<string>(8 - head.length - tail.length).fill('0');
  return [...head, ...gap, ...tail].map((group) => Number.parseInt(group, 16));
}

/** Returns whether a URL's host is loopback (RFC 8252 §7.3). */
export function isLoopback(url: URL): boolean {
  return /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
}
