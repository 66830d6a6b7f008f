import { describe, expect, it } from 'vitest';
import { proxyFor } from './proxy.js';

const proxy = 'http://proxy.example:3128';

/** The origin of the proxy for a URL. */
function originFor(url: string, environment: Record<string, string>): string | undefined {
  return proxyFor(new URL(url), environment)?.url.origin;
}

describe('the proxy of a URL', () => {
  it.each([
    ['https://id.example/', { HTTPS_PROXY: proxy }, true],
    ['https://id.example/', { https_proxy: proxy }, true],
    ['https://id.example/', { https_proxy: proxy, HTTPS_PROXY: 'http://other.example' }, true],
    ['https://id.example/', { https_proxy: '', HTTPS_PROXY: proxy }, false],
    ['https://id.example/', { HTTPS_PROXY: '' }, false],
    ['https://id.example/', { HTTP_PROXY: proxy }, false],
    ['http://id.example/', { HTTP_PROXY: proxy }, true],
    ['http://id.example/', { http_proxy: proxy }, true],
    ['http://id.example/', { HTTPS_PROXY: proxy }, false],
    ['http://127.0.0.1:8080/', { HTTP_PROXY: proxy }, true],
    ['https://id.example/', {}, false],
  ])('of %s with %j is used: %s', (url, environment, isUsed) => {
    expect(originFor(url, environment)).toBe(isUsed ? proxy : undefined);
  });

  it('is not the header "Proxy" of a CGI request (CVE-2016-5385)', () => {
    const environment = { REQUEST_METHOD: 'GET', HTTP_PROXY: proxy };
    expect(originFor('http://id.example/', environment)).toBeUndefined();
    const lower = { REQUEST_METHOD: 'GET', http_proxy: proxy };
    expect(originFor('http://id.example/', lower)).toBe(proxy);
  });

  it.each([
    ['proxy.example:3128', 'http://proxy.example:3128'],
    ['proxy.example', 'http://proxy.example'],
    ['https://proxy.example', 'https://proxy.example'],
    ['http://[::1]:3128/path?query', 'http://[::1]:3128'],
  ])('may be written as %s', (value, origin) => {
    expect(originFor('https://id.example/', { HTTPS_PROXY: value })).toBe(origin);
  });

  it.each(['socks5://own.example', 'http://:1', 'http://a b', 'http://u:%zz@own.example'])(
    'is not %s, which is not shown',
    (value) => {
      const call = () => originFor('https://id.example/', { https_proxy: value });
      expect(call).toThrow(expect.objectContaining({ code: 'invalid_options' }));
      expect(call).toThrow('"https_proxy"');
      expect(call).not.toThrow(value);
    },
  );

  it('has its user name and password in a header, not in its URL (RFC 7617 §2.1)', () => {
    const environment = { HTTPS_PROXY: 'http://ada:p%40ss%C3%BC@proxy.example:3128' };
    const found = proxyFor(new URL('https://id.example/'), environment);
    expect(found?.authorization).toBe(`Basic ${Buffer.from('ada:p@ssü').toString('base64')}`);
    expect(found?.url.href).toBe('http://proxy.example:3128/');
  });
});

describe('NO_PROXY', () => {
  it.each([
    ['*', 'https://id.example/', true],
    ['id.example', 'https://id.example/', true],
    ['ID.example', 'https://id.example/', true],
    ['a.example, id.example', 'https://id.example/', true],
    ['a.example id.example', 'https://id.example/', true],
    ['example', 'https://id.example/', false],
    ['id.example', 'https://www.id.example/', false],
    ['id.example', 'https://evil-id.example/', false],
    ['.id.example', 'https://www.id.example/', true],
    ['*.id.example', 'https://a.b.id.example/', true],
    ['.id.example', 'https://id.example/', false],
    ['.id.example', 'https://evil-id.example/', false],
    ['*id.example', 'https://evil-id.example/', false],
    ['id.example:443', 'https://id.example/', true],
    ['id.example:8443', 'https://id.example:8443/', true],
    ['id.example:8443', 'https://id.example/', false],
    ['.example:8443', 'https://id.example:8443/', true],
    ['127.0.0.1', 'https://127.0.0.1/', true],
    ['127.0.0.1:3000', 'https://127.0.0.1:3000/', true],
    ['127.0.0.1', 'https://127.0.0.11/', false],
    ['::1', 'https://[::1]/', true],
    ['[::1]', 'https://[::1]/', true],
    ['[0:0::1]:3000', 'https://[::1]:3000/', true],
    ['[::1]:3000', 'https://[::1]/', false],
    ['', 'https://id.example/', false],
    [',', 'https://id.example/', false],
  ])('"%s" excludes %s: %s', (list, url, isExcluded) => {
    for (const name of ['NO_PROXY', 'no_proxy']) {
      const environment = { HTTPS_PROXY: proxy, [name]: list };
      expect(originFor(url, environment)).toBe(isExcluded ? undefined : proxy);
    }
  });

  it('is read in lower case first', () => {
    const environment = { HTTPS_PROXY: proxy, NO_PROXY: 'id.example', no_proxy: 'a.example' };
    expect(originFor('https://id.example/', environment)).toBe(proxy);
    expect(originFor('https://a.example/', environment)).toBeUndefined();
  });
});
