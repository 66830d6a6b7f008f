import { createServer, type IncomingMessage, type Server } from 'node:http';
import { createServer as createTcpServer, type AddressInfo } from 'node:net';
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { Cancellation } from './cancellation.js';
import { guardedTransport } from './guarded.js';
import { createHttp } from './http.js';
import type { Lookup } from './node-modules.js';

let server: Server;
let port: number;
let received: { method: string; url: string; headers: IncomingMessage['headers']; body: string }[] =
  [];

beforeAll(async () => {
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { method = '', url = '', headers } = request;
      received.push({ method, url, headers, body });
      const coded = {
        '/gzip': gzipSync('packed'),
        '/deflate': deflateSync('packed'),
        '/br': brotliCompressSync('packed'),
      }[url];
      if (coded) response.writeHead(200, { 'content-encoding': url.slice(1) }).end(coded);
      else if (url === '/empty') response.writeHead(204).end();
      else if (url === '/away') response.writeHead(302, { location: '/elsewhere' }).end();
      else if (url === '/slow') response.writeHead(200).write('a beginning');
      else response.writeHead(200, { 'set-cookie': ['a=1', 'b=2'] }).end(body || 'fine');
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ({ port } = server.address() as AddressInfo);
});
afterAll(async () => {
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

/** A resolver that gives one answer after the other, the last one for good. */
function resolving(...answers: string[][]): Lookup & { asked: string[] } {
  const asked: string[] = [];
  const lookup: Lookup = (hostname, _, found) => {
    asked.push(hostname);
    const addresses = answers.length > 1 ? answers.shift() : answers[0];
    const all = (addresses ?? []).map((address) => ({
      address,
      family: address.includes(':') ? 6 : 4,
    }));
    setImmediate(() => found(null, all));
  };
  return Object.assign(lookup, { asked });
}

type Send = (url: string, init?: RequestInit) => Promise<Response>;

function fetching(reach: 'public' | 'any', lookup?: Lookup, runtime?: object): Send {
  received = [];
  const transport = guardedTransport(reach, runtime, lookup);
  return async (url, { method = 'GET', headers, body = null, signal } = {}) => {
    const response = await transport({
      url: new URL(url),
      method,
      headers: Object.fromEntries(new Headers(headers)),
      body,
      cancellation: new Cancellation(signal ?? undefined),
    });
    return await response.toResponse();
  };
}

const unsafe = { code: 'unsafe_address' };

describe('a connection to a host that another user has named', () => {
  it.each([
    ['this machine', ['127.0.0.1']],
    ['this machine, in IPv6', ['::1']],
    ['this machine, mapped', ['::ffff:127.0.0.1']],
    ['a private network', ['10.1.2.3']],
    ['the metadata service of a cloud', ['169.254.169.254']],
    ['a public address and this machine', ['93.184.216.34', '127.0.0.1']],
    ['nothing', []],
  ])('[D8] is not opened if its name resolves to %s', async (_, addresses) => {
    const send = fetching('public', resolving(addresses));
    const opened = send(`http://evil.example:${port}/`, {
      headers: { authorization: 'Bearer at' },
    });
    await expect(opened).rejects.toMatchObject(unsafe);
    expect(received).toEqual([]);
  });

  it('[D8] goes to the IP addresses that were checked, whatever the name means next (DNS rebinding)', async () => {
    const lookup = resolving(['192.0.2.7'], ['127.0.0.1']);
    const send = fetching('public', lookup);
    await expect(send(`http://evil.example:${port}/`)).rejects.toMatchObject(unsafe);
    expect(lookup.asked).toEqual(['evil.example']);
    await expect(send(`http://evil.example:${port}/`)).rejects.toMatchObject(unsafe);
    expect(received).toEqual([]);
    // A public address is connected to without asking again: nobody is there, and nothing arrives here.
    const rebinding = resolving(['8.8.8.8'], ['127.0.0.1']);
    const signal = AbortSignal.timeout(300);
    const failed = fetching('public', rebinding)(`http://evil.example:${port}/`, { signal });
    await expect(failed).rejects.not.toMatchObject(unsafe);
    expect(rebinding.asked).toEqual(['evil.example']);
    expect(received).toEqual([]);
  });

  it('[D8] is opened anew for each request, so that each is checked', async () => {
    const lookup = resolving(['127.0.0.1']);
    const send = fetching('any', lookup);
    for (const _ of [1, 2]) {
      expect(await (await send(`http://fine.example:${port}/`)).text()).toBe('fine');
    }
    expect(lookup.asked).toEqual(['fine.example', 'fine.example']);
    const strict = fetching('public', resolving(['127.0.0.1']));
    await expect(strict(`http://fine.example:${port}/`)).rejects.toMatchObject(unsafe);
  });

  it('[D8] is not one that a request without checks has left open', async () => {
    const url = `http://localhost:${port}/`;
    await createHttp().send({ what: 'API', url });
    await expect(fetching('public')(url)).rejects.toMatchObject(unsafe);
    expect(received).toEqual([]);
  });

  it('[D8] follows no redirect', async () => {
    const send = fetching('any', resolving(['127.0.0.1']));
    const response = await send(`http://fine.example:${port}/away`);
    expect([response.status, response.headers.get('location')]).toEqual([302, '/elsewhere']);
    expect(received.map(({ url }) => url)).toEqual(['/away']);
  });
});

describe('a guarded fetch', () => {
  const send = (path: string, init?: RequestInit): Promise<Response> =>
    fetching('any', resolving(['127.0.0.1']))(`http://fine.example:${port}${path}`, init);

  it('sends what it is given', async () => {
    const body = new URLSearchParams({ a: '1 2' });
    const response = await send('/form?x=%20', {
      method: 'POST',
      body,
      headers: { 'x-own': 'yes' },
    });
    expect(await response.text()).toBe('a=1+2');
    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(received[0]).toMatchObject({
      method: 'POST',
      url: '/form?x=%20',
      headers: {
        host: `fine.example:${port}`,
        'x-own': 'yes',
        'content-length': '5',
        'content-type': 'application/x-www-form-urlencoded;charset=UTF-8',
      },
    });
  });

  it('sends a stream', async () => {
    const body = new Blob(['piece by piece']).stream();
    const init = { method: 'PUT', body, duplex: 'half' } as RequestInit;
    expect(await (await send('/stream', init)).text()).toBe('piece by piece');
  });

  it.each(['/gzip', '/deflate', '/br'])('unpacks %s', async (path) => {
    const response = await send(path);
    expect(await response.text()).toBe('packed');
    expect(response.headers.has('content-encoding')).toBe(false);
  });

  it('returns a response without a body if there is none', async () => {
    expect(await (await send('/empty')).text()).toBe('');
    expect(await (await send('/', { method: 'HEAD' })).text()).toBe('');
  });

  it('stops when it is told to', async () => {
    const stop = new AbortController();
    const response = await send('/slow', { signal: stop.signal });
    const text = response.text();
    stop.abort();
    await expect(text).rejects.toThrow();
    await expect(send('/', { signal: AbortSignal.abort() })).rejects.toThrow();
  });

  it.each([
    'HTTP/1.1 700 Odd\r\ncontent-length: 9\r\n\r\nabc',
    'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: x\r\n\r\n',
  ])('closes a connection whose response is not valid: %j', async (text) => {
    let ended = (): void => undefined;
    const end = new Promise<void>((resolve) => (ended = resolve));
    const odd = createTcpServer((socket) => {
      socket.on('error', () => undefined).on('close', ended);
      socket.once('data', () => socket.write(text));
    });
    await new Promise<void>((resolve) => odd.listen(0, '127.0.0.1', resolve));
    const at = (odd.address() as AddressInfo).port;
    const ask = fetching('any', resolving(['127.0.0.1']));
    await expect(ask(`http://odd.example:${at}/`)).rejects.toThrow();
    await end;
    await new Promise((resolve) => odd.close(resolve));
  });

  it.each([{}, { process: { getBuiltinModule: () => undefined } }])(
    'uses the global fetch if the runtime has no modules of Node: only names are checked there',
    async (runtime) => {
      const ask = fetching('public', undefined, runtime);
      expect(await (await ask(`http://127.0.0.1:${port}/`)).text()).toBe('fine');
    },
  );
});
