import { describe, expect, it } from 'vitest';
import { refusedIp, refusedUrl } from './address-policy.js';

// prettier-ignore
const privateHosts = [
  '127.0.0.1', '2130706433', '0x7f000001', '017700000001', '0177.0.0.1', '127.1', '0', '0.0.0.0',
  '①②⑦.⓪.⓪.①', '127。0。0。1', '127.0.0.1.', '169.254.169.254', '169.254.169.254.', '100.64.0.1', '100.127.255.255',
  '192.0.0.192', '10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.0.1', '198.18.0.1', '198.19.255.255',
  '224.0.0.1', '239.255.255.255', '240.0.0.1', '255.255.255.255', '192.0.2.1', '198.51.100.1', '203.0.113.1',
  '192.88.99.1', '[::]', '[::1]', '[0:0:0:0:0:0:0:1]', '[::ffff:127.0.0.1]', '[::ffff:7f00:1]', '[::ffff:a9fe:a9fe]',
  '[64:ff9b::7f00:1]', '[64:ff9b::10.0.0.1]', '[64:ff9b:1::1]', '[2002:7f00:1::]', '[2002:808:808::]',
  '[::7f00:1]', '[::8.8.8.8]', '[fd00:ec2::254]', '[fc00::1]', '[fe80::1]', '[fec0::1]', '[ff02::1]', '[100::1]',
  '[2001::1]', '[2001:db8::1]', '[3fff::1]', '[5f00::1]',
];

// prettier-ignore
const privateNames = [
  'localhost', 'LOCALHOST', 'localhost.', 'app.localhost', 'printer.local', 'metadata.google.internal',
  'metadata', 'intranet', 'server.lan', 'router.home.arpa', 'x.onion', 'app.example.', 'localhost.localdomain',
];

// prettier-ignore
const publicHosts = [
  'mastodon.social', 'xn--bcher-kva.example', 'bücher.example', '8.8.8.8', '172.15.0.1', '172.32.0.1', '100.63.255.255',
  '100.128.0.1', '11.0.0.1', '[2606:4700::1111]', '[64:ff9b::808:808]', '[::ffff:8.8.8.8]', 'a-b.c_d.example',
];

const refused = (host: string): string | undefined =>
  refusedUrl(new URL(`https://${host}/x`), 'public');

describe('URLs from untrusted input', () => {
  it.each(privateHosts)('[D8] have no private or special host: %s', (host) => {
    expect(refused(host)).toMatch(/not public|no public host/);
  });

  it.each(privateNames)('[D8] are at no name of a network of its own: %s', (host) => {
    expect(refused(host)).toBe('does not have a public host name');
  });

  it.each(publicHosts)('[D8] may be public: %s', (host) => {
    expect(refused(host)).toBeUndefined();
  });

  it.each([
    [443, true],
    [1024, true],
    [8443, true],
    [1023, false],
    [22, false],
    [25, false],
  ])('[D8] have no port of another service: %s', (port, fine) => {
    expect(refused(`mastodon.social:${port}`) === undefined).toBe(fine);
  });

  it('[D8] may be this machine for a document of this machine, and anything if that is allowed', () => {
    for (const host of ['127.0.0.1:80', 'localhost:3000', '[::1]']) {
      expect(refusedUrl(new URL(`http://${host}/`), 'loopback')).toBeUndefined();
    }
    expect(refusedUrl(new URL('https://10.0.0.1'), 'loopback')).toBeDefined();
    expect(refusedUrl(new URL('https://x.localhost'), 'loopback')).toBeDefined();
    expect(refusedUrl(new URL('https://10.0.0.1:22'), 'any')).toBeUndefined();
  });
});

describe('IP addresses that names resolve to', () => {
  const bare = [...privateHosts, ...publicHosts]
    .filter((host) => /^\[|^\d+(?:\.\d+){3}$/.test(host))
    .map((host) => host.replace(/[[\]]/g, ''));

  it.each(bare)('[D8] follow the same rules: %s', (ip) => {
    const isPublic = publicHosts.includes(ip) || publicHosts.includes(`[${ip}]`);
    // A leading zero is octal to some and decimal to others.
    expect(refusedIp(ip, 'public')).toBe(!isPublic);
  });

  it.each(['', 'x', '1.2.3', '1.2.3.4.5', '1.2.3.256', 'fe80::1%eth0', '::g', '2606:4700::%1'])(
    '[D8] are refused if they are none: %j',
    (ip) => {
      expect(refusedIp(ip, 'public')).toBe(true);
    },
  );

  it('[D8] may be this machine for a document of this machine', () => {
    expect(refusedIp('127.0.0.2', 'loopback')).toBe(false);
    expect(refusedIp('::1', 'loopback')).toBe(false);
    expect(refusedIp('10.0.0.1', 'loopback')).toBe(true);
    expect(refusedIp('10.0.0.1', 'any')).toBe(false);
  });
});
