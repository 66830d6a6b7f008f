import { getEventListeners } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { createHttp } from './http.js';

const what = 'token endpoint';
const http = createHttp();
const servers: Server[] = [];
const sockets = new Set<Socket>();

async function listen(server: Server): Promise<string> {
  servers.push(server);
  server.on('connection', (socket: Socket) => {
    sockets.add(socket);
    socket.on('close', () => sockets.delete(socket)).on('error', () => undefined);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

const serve = (listener: RequestListener): Promise<string> => listen(createServer(listener));

/** Starts a server that runs a function for each chunk it receives. */
function serveText(run: (socket: Socket, text: string) => void): Promise<string> {
  return listen(
    createTcpServer((socket) =>
      socket.on('data', (chunk: Buffer) => run(socket, chunk.toString('latin1'))),
    ),
  );
}

afterEach(() => {
  vi.unstubAllGlobals();
  for (const socket of sockets) socket.destroy();
  for (const server of servers.splice(0)) server.close();
});

const ok = (body: string, headers = ''): string =>
  `HTTP/1.1 200 OK\r\ncontent-length: ${body.length}\r\n${headers}\r\n${body}`;

describe('a connection of node:http', () => {
  it('is used for several requests, and does not prevent the process from exiting', async () => {
    const url = await serve((_, response) => void response.end('fine'));
    const before = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
    for (const method of ['GET', 'POST', 'GET']) await http.send({ what, url, method });
    await (await http.sendResource({ what, url })).text();
    expect(sockets.size).toBe(1);
    const after = process.getActiveResourcesInfo().filter((one) => one === 'TCPSocketWrap').length;
    // That of the server.
    expect(after - before).toBe(1);
  });

  it.each(['GET', 'HEAD', 'OPTIONS'])(
    'that the server closes while it is idle is replaced for a %s',
    async (method) => {
      const seen: string[] = [];
      const url = await serveText((socket, text) => {
        seen.push(text.split(' ', 1)[0] ?? '');
        if (seen.length === 2) socket.resetAndDestroy();
        else socket.write(method === 'HEAD' ? ok('') : ok('fine'));
      });
      await http.send({ what, url, method });
      expect((await http.send({ what, url, method })).status).toBe(200);
      expect(seen).toEqual([method, method, method]);
    },
  );

  it.each(['POST', 'PUT', 'PATCH', 'DELETE'])(
    'that the server closes while it is idle fails a %s, which is never sent twice',
    async (method) => {
      const seen: string[] = [];
      const url = await serveText((socket, text) => {
        seen.push(text.split(' ', 1)[0] ?? '');
        if (seen.length === 2) socket.resetAndDestroy();
        else socket.write(ok('fine'));
      });
      await http.send({ what, url });
      const sent = http.send({ what, url, method, body: new URLSearchParams({ code: 'c' }) });
      await expect(sent).rejects.toMatchObject({
        code: 'provider_unavailable',
        reason: 'ECONNRESET',
      });
      expect(seen).toEqual(['GET', method]);
    },
  );

  it('that replaces another is closed when the time is over', async () => {
    let seen = 0;
    const url = await serveText((socket) => {
      seen += 1;
      if (seen === 1) socket.write(ok('fine'));
      else if (seen === 2) socket.resetAndDestroy();
    });
    await http.send({ what, url });
    const sent = http.send({ what, url, timeout: 200 });
    await expect(sent).rejects.toMatchObject({ code: 'timeout' });
    expect(seen).toBe(3);
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('that is new and reset is not replaced, nor is one whose response has begun', async () => {
    let seen = 0;
    const url = await serveText((socket) => {
      seen += 1;
      if (seen === 2) socket.write(ok('fine'));
      else if (seen === 3)
        socket.write('HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\nfi', () =>
          socket.resetAndDestroy(),
        );
      else socket.resetAndDestroy();
    });
    await expect(http.send({ what, url })).rejects.toMatchObject({ code: 'provider_unavailable' });
    await http.send({ what, url });
    await expect(http.send({ what, url })).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(seen).toBe(3);
  });

  it('is closed with the body of a response that nothing reads', async () => {
    setFlagsFromString('--expose-gc');
    const gc = runInNewContext('gc') as () => void;
    const url = await serve((_, response) => void response.write('x'.repeat(100_000)));
    const ask = async (): Promise<number> => (await http.sendResource({ what, url })).status;
    expect(await ask()).toBe(200);
    await vi.waitFor(() => {
      gc();
      expect(sockets.size).toBe(0);
    }, 10_000);
  });
});

describe('a response over node:http', () => {
  const whole = 'x'.repeat(70_000);

  it.each([
    ['a short body', 'content-length: 9\r\n\r\nfine'],
    ['a long body', 'content-length: 100000\r\n\r\nfine'],
    ['a chunked body', 'transfer-encoding: chunked\r\n\r\n4\r\nfine\r\n'],
    [
      'a compressed body',
      `content-encoding: gzip\r\ncontent-length: 20\r\n\r\n${gzipSync('fine').subarray(0, 20).toString('latin1')}`,
    ],
  ])('with %s that ends early is an error', async (_, rest) => {
    const url = await serveText((socket) => socket.end(`HTTP/1.1 200 OK\r\n${rest}`, 'latin1'));
    await expect(http.send({ what, url })).rejects.toMatchObject({ code: 'provider_unavailable' });
    const read = async (): Promise<string> => await (await http.sendResource({ what, url })).text();
    await expect(read()).rejects.toThrow();
  });

  it.each([
    ['two lengths', 'content-length: 4\r\ncontent-length: 5\r\n\r\nfine!'],
    [
      'a length and chunks',
      'content-length: 4\r\ntransfer-encoding: chunked\r\n\r\n4\r\nfine\r\n0\r\n\r\n',
    ],
    ['an invalid length', 'content-length: +4\r\n\r\nfine'],
    ['an invalid header', 'x y: z\r\ncontent-length: 4\r\n\r\nfine'],
    ['headers of 20 KB', `x: ${'y'.repeat(20_000)}\r\ncontent-length: 4\r\n\r\nfine`],
  ])('with %s is an error', async (_, rest) => {
    const url = await serveText((socket) => void socket.write(`HTTP/1.1 200 OK\r\n${rest}`));
    await expect(http.send({ what, url })).rejects.toMatchObject({ code: 'provider_unavailable' });
  });

  it('ignores bytes after its body, and does not take them for the next response', async () => {
    let seen = 0;
    const url = await serveText((socket) => {
      seen += 1;
      socket.write(seen === 1 ? ok('fine') + ok('evil') : ok('good'));
    });
    await http.send({ what, url }).catch(() => undefined);
    expect((await http.send({ what, url })).text).toBe('good');
  });

  it.each([
    ['of a known length', (body: string) => ok(body)],
    [
      'in chunks',
      (body: string) =>
        `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n${body.length.toString(16)}\r\n${body}\r\n0\r\n\r\n`,
    ],
    ['until the end of the connection', (body: string) => `HTTP/1.1 200 OK\r\n\r\n${body}`],
  ])('returns a body %s, short or long', async (name, responseOf) => {
    for (const body of ['', 'fine', whole]) {
      const url = await serveText((socket) => {
        socket.write(responseOf(body));
        if (name.startsWith('until')) socket.end();
      });
      expect((await http.send({ what, url })).text).toBe(body);
      const response = await http.sendResource({ what, url });
      const copy = response.clone();
      expect(await response.text()).toBe(body);
      expect(await copy.text()).toBe(body);
    }
  });

  it('streams a long body before it is complete', async () => {
    let finish = (): void => undefined;
    const url = await serve((_, response) => {
      response.write('first');
      finish = () => void response.end('last');
    });
    const { body } = await http.sendResource({ what, url });
    const reader = body?.getReader();
    const decoded = async (): Promise<string> =>
      new TextDecoder().decode((await reader?.read())?.value);
    expect(await decoded()).toBe('first');
    finish();
    expect(await decoded()).toBe('last');
    expect((await reader?.read())?.done).toBe(true);
  });

  it('has its reason phrase, unless that has control characters', async () => {
    const statusTextAt = async (reason: string): Promise<string> => {
      const url = await serveText((socket) =>
        socket.write(`HTTP/1.1 418 ${reason}\r\ncontent-length: 0\r\n\r\n`, 'latin1'),
      );
      return (await http.sendResource({ what, url })).statusText;
    };
    expect(await statusTextAt("I'm a t\u00e9apot")).toBe("I'm a t\u00e9apot");
    expect(await statusTextAt('')).toBe('');
    expect(await statusTextAt('a\u0001b')).toBe('');
  });

  it('without a body may name a content coding', async () => {
    const url = await serveText((socket) =>
      socket.write('HTTP/1.1 200 OK\r\ncontent-encoding: gzip\r\ncontent-length: 0\r\n\r\n'),
    );
    expect((await http.send({ what, url })).text).toBe('');
    expect(await (await http.sendResource({ what, url })).text()).toBe('');
  });

  it('with status 205 and an endless body is closed', async () => {
    const url = await serve((_, response) => void response.writeHead(205).write('endless'));
    const response = await http.sendResource({ what, url });
    expect([response.status, response.body]).toEqual([205, null]);
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });

  it('fails to be read after the caller has aborted', async () => {
    const url = await serve((_, response) => void response.write('first'));
    const controller = new AbortController();
    const response = await http.sendResource({ what, url, signal: controller.signal });
    controller.abort();
    await expect(response.text()).rejects.toThrow();
    await vi.waitFor(() => expect(sockets.size).toBe(0));
  });
});

describe('a signal of the caller', () => {
  it('has no listener left after the response', async () => {
    const url = await serve((_, response) => void response.end('fine'));
    const { signal } = new AbortController();
    for (let call = 0; call < 3; call++) await http.send({ what, url, signal });
    await (await http.sendResource({ what, url, signal })).text();
    await vi.waitFor(() => expect(getEventListeners(signal, 'abort')).toEqual([]));
  });
});

describe('a request over node:http', () => {
  async function sentBy(init: object): Promise<{ headers: Record<string, unknown>; body: string }> {
    let result = { headers: {} as Record<string, unknown>, body: '' };
    const url = await serve((request, response) => {
      request.setEncoding('utf8').on('data', (chunk: string) => (result.body += chunk));
      request.on('end', () => {
        result = { ...result, headers: request.headers };
        response.end();
      });
    });
    await http.send({ what, url, method: 'POST', ...init });
    return result;
  }

  const form = 'application/x-www-form-urlencoded;charset=UTF-8';
  it.each([
    ['text', 'ü', 'ü', 'text/plain;charset=UTF-8', '2'],
    ['a form', new URLSearchParams({ a: '1 2' }), 'a=1+2', form, '5'],
    ['bytes', new Uint8Array([97, 98]), 'ab', undefined, '2'],
    ['a blob', new Blob(['ab'], { type: 'text/css' }), 'ab', 'text/css', '2'],
    ['nothing', null, '', undefined, '0'],
    ['a stream', () => new Blob(['ab']).stream(), 'ab', undefined, undefined],
  ])('sends %s as fetch does', async (_, given, body, type, length) => {
    const sent = await sentBy({ body: typeof given === 'function' ? given() : given });
    expect(sent.body).toBe(body);
    expect(sent.headers['content-type']).toBe(type);
    expect(sent.headers['content-length']).toBe(length);
    expect(sent.headers['accept']).toBe('*/*');
  });

  it('sends a multipart form', async () => {
    const body = new FormData();
    body.set('a', 'b');
    const sent = await sentBy({ body });
    expect(sent.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
    expect(sent.body).toContain('name="a"\r\n\r\nb\r\n');
  });

  it('sends headers as Latin-1, whatever its body (RFC 9110 §5.5)', async () => {
    for (const body of ['ascii', 'ü', null]) {
      const sent = await sentBy({ body, headers: { 'x-name': 'Zoë' } });
      expect(sent.headers['x-name']).toBe('Zoë');
      expect(sent.body).toBe(body ?? '');
    }
  });

  it('counts the bytes of its body itself', async () => {
    const sent = await sentBy({ body: 'four', headers: { 'content-length': '400' } });
    expect(sent.headers['content-length']).toBe('4');
  });

  const streamOf = (text: string): ReadableStream => new Blob([text]).stream();

  it.each(['POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])(
    'sends the end of a stream with a %s, whose bytes are not taken for the next request (RFC 9112 §6.1)',
    async (method) => {
      const seen: string[] = [];
      const url = await serve((request, response) => {
        seen.push(`${request.method} ${request.url}`);
        request.resume().on('end', () => response.end());
      });
      const body = streamOf('GET /smuggled HTTP/1.1\r\nhost: a\r\n\r\n');
      await http.send({ what, url, method, body });
      await http.send({ what, url });
      expect(seen).toEqual([`${method} /`, 'GET /']);
    },
  );

  it('sends a stream with the length that the caller gives', async () => {
    const sent = await sentBy({ body: streamOf('four'), headers: { 'content-length': '4' } });
    expect(sent).toMatchObject({ body: 'four', headers: { 'content-length': '4' } });
    expect(sent.headers['transfer-encoding']).toBeUndefined();
  });

  it.each(['3', '5', '-1', 'four', '4, 4'])(
    'fails, and nothing else does, if a stream of four bytes has the length "%s"',
    async (length) => {
      const url = await serve((request, response) => {
        request.on('error', () => undefined).resume();
        request.on('end', () => response.end());
      });
      const headers = { 'content-length': length };
      const sent = http.send({ what, url, method: 'POST', body: streamOf('four'), headers });
      await expect(sent).rejects.toMatchObject({ code: 'provider_unavailable' });
      await vi.waitFor(() => expect(sockets.size).toBe(0));
    },
  );

  it.each(['locked', 'read'])('does not open a connection for a stream that is %s', async (how) => {
    const body = streamOf('four');
    const reader = body.getReader();
    await reader.read();
    if (how === 'read') reader.releaseLock();
    const url = await serve((_, response) => void response.end());
    const sent = http.send({ what, url, method: 'POST', body });
    await expect(sent).rejects.toMatchObject({ code: 'provider_unavailable' });
    expect(sockets.size).toBe(0);
  });

  it.each(['short', 'long'])('stops sending a stream after a %s response', async (length) => {
    const text = length === 'short' ? 'no' : 'x'.repeat(70_000);
    const url = await serve((request, response) => {
      request.on('error', () => undefined).once('data', () => response.writeHead(413).end(text));
      request.resume();
    });
    let isCancelled = false;
    const body = new ReadableStream({
      async pull(controller) {
        await new Promise((resolve) => setImmediate(resolve));
        controller.enqueue(new Uint8Array(10));
      },
      cancel: () => void (isCancelled = true),
    });
    const response = await http.sendResource({ what, url, method: 'POST', body });
    expect(await response.text()).toBe(text);
    await vi.waitFor(() => expect([isCancelled, sockets.size]).toEqual([true, 0]));
  });

  it('without a body has no length, whatever the caller gives', async () => {
    const sent = await sentBy({ method: 'GET', headers: { 'content-length': '4' } });
    expect(sent.headers['content-length']).toBeUndefined();
  });

  it('for a range asks for a body without a content coding', async () => {
    const { headers } = await sentBy({ method: 'GET', headers: { range: 'bytes=0-9' } });
    expect(headers['accept-encoding']).toBe('identity');
    const other = await sentBy({ method: 'GET' });
    expect(other.headers['accept-encoding']).toBe('gzip, br');
  });

  it.each(['connection', 'transfer-encoding', 'upgrade', 'keep-alive', 'trailer', 'te'])(
    'does not send a header "%s" of the caller',
    async (name) => {
      const sent = http.send({ what, url: 'http://127.0.0.1:9/', headers: { [name]: 'chunked' } });
      const error = (await sent.catch((e: unknown) => e)) as Error;
      expect(error).toMatchObject({ code: 'provider_unavailable' });
      expect(error).not.toMatchObject({ reason: 'ECONNREFUSED' });
    },
  );
});

describe('a global fetch', () => {
  it('that the application has replaced is used', async () => {
    const fetch = vi.fn<typeof globalThis.fetch>(async () => new Response('replaced'));
    vi.stubGlobal('fetch', fetch);
    expect((await http.send({ what, url: 'http://127.0.0.1:9/' })).text).toBe('replaced');
    vi.unstubAllGlobals();
    const url = await serve((_, response) => void response.end('direct'));
    expect((await http.send({ what, url })).text).toBe('direct');
    expect(fetch).toHaveBeenCalledOnce();
  });

  it('that is a wrapper around that of Node.js is used, even with its name', async () => {
    const original = globalThis.fetch;
    let calls = 0;
    vi.stubGlobal('fetch', function fetch(...args: Parameters<typeof globalThis.fetch>) {
      calls += 1;
      return original(...args);
    });
    const url = await serve((_, response) => void response.end('fine'));
    expect((await http.send({ what, url })).text).toBe('fine');
    expect(calls).toBe(1);
  });
});
