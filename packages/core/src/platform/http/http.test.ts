import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterEach, describe, expect, it } from 'vitest';
import { isLoopback } from './address-policy.js';
import { createHttp, retryAfter } from './http.js';

const servers: Server[] = [];

async function serve(listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

const what = 'token endpoint';

describe('a protocol request', () => {
  it('reads the whole response, and says who sends the request', async () => {
    let agent: string | undefined;
    const url = await serve((request, response) => {
      agent = request.headers['user-agent'];
      response.writeHead(201, { 'x-seen': 'yes' }).end('\ufeffhello');
    });
    const result = await createHttp().send({ what, url });
    expect(result).toMatchObject({ status: 201, text: 'hello' });
    expect(result.headers.get('x-seen')).toBe('yes');
    expect(agent).toMatch(/^oauth-registry\//);
  });

  it.each([301, 302, 303, 307, 308])('[R8] never follows a %i', async (status) => {
    let followed = 0;
    const elsewhere = await serve((_, response) => {
      followed += 1;
      response.end();
    });
    const url = await serve((_, response) => {
      response.writeHead(status, { location: elsewhere }).end();
    });
    await expect(createHttp().send({ what, url, method: 'POST' })).rejects.toMatchObject({
      code: 'invalid_response',
      providerStatus: status,
    });
    expect(followed).toBe(0);
  });

  it('closes the connection of a response without an end', async () => {
    const url = await serve((_, response) => {
      const more = (): void => void (response.write('x'.repeat(65_536)) && setImmediate(more));
      response.on('drain', more).on('close', closed);
      more();
    });
    let closed = (): void => undefined;
    const gone = new Promise<void>((resolve) => (closed = resolve));
    const endless = createHttp().send({ what, url });
    await expect(endless).rejects.toMatchObject({ code: 'response_too_large' });
    await gone;
  });

  it('stops reading past the limit of decoded bytes, and not before', async () => {
    const url = await serve((request, response) => {
      const size = Number(request.url?.slice(1));
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('x'.repeat(size)));
    });
    const http = createHttp();
    const atLimit = await http.send({ what, url: `${url}/1000000` });
    expect(atLimit.text).toHaveLength(1_000_000);
    await expect(http.send({ what, url: `${url}/1000001` })).rejects.toMatchObject({
      code: 'response_too_large',
    });
  });

  it('stops an endless response', async () => {
    const url = await serve((_, response) => {
      const more = (): void => void (response.writable && response.write('x'.repeat(65_536), more));
      more();
    });
    await expect(createHttp().send({ what, url })).rejects.toMatchObject({
      code: 'response_too_large',
    });
  });

  it.each([
    ['says nothing', () => undefined],
    ['stops in the middle', (response: { write(text: string): unknown }) => response.write('{')],
  ])('[R11] gives up on a provider that %s', async (_what, behave) => {
    const url = await serve((_, response) => behave(response));
    await expect(createHttp({ timeout: 50 }).send({ what, url })).rejects.toMatchObject({
      code: 'timeout',
      message: expect.stringContaining('50 ms') as string,
    });
  });

  it('gives up on a custom fetch that ignores the signal', async () => {
    const fetch = () => new Promise<Response>(() => undefined);
    const http = createHttp({ timeout: 20, fetch });
    await expect(http.send({ what, url: 'https://p.example' })).rejects.toMatchObject({
      code: 'timeout',
    });
  });

  it('tells an unreachable provider by the system’s code alone', async () => {
    const url = await serve(() => undefined);
    const server = servers.pop();
    server?.closeAllConnections();
    await new Promise((resolve) => server?.close(resolve));
    await expect(createHttp().send({ what, url })).rejects.toMatchObject({
      code: 'provider_unavailable',
      reason: 'ECONNREFUSED',
    });
  });

  it('tells a connection that was cut', async () => {
    const url = await serve((request) => request.socket.destroy());
    await expect(createHttp().send({ what, url })).rejects.toMatchObject({
      code: 'provider_unavailable',
    });
  });

  it('does not repeat a header value that cannot be sent', async () => {
    const headers = [['authorization', 'Bearer canary\r\nx: y']] as [string, string][];
    const error = await createHttp()
      .send({ what, url: 'https://p.example', headers })
      .catch((e: unknown) => e);
    expect(error).toMatchObject({ code: 'provider_unavailable' });
    expect(String(error)).not.toContain('canary');
  });

  it('hands the caller’s own abort back as it is', async () => {
    const url = await serve(() => undefined);
    const reason = new Error('the page was closed');
    const controller = new AbortController();
    const sent = createHttp().sendResource({ what, url, signal: controller.signal });
    controller.abort(reason);
    await expect(sent).rejects.toBe(reason);
  });
});

describe('transport security', () => {
  it.each([
    ['https://p.example/', true],
    ['http://localhost:1234/', true],
    ['http://127.1/', true],
    ['http://[::1]:80/', true],
    ['http://p.example/', false],
    ['http://localhost.evil.example/', false],
    ['http://127.0.0.1.evil.example/', false],
    ['http://localhost:80@evil.example/', false],
    ['https://user@p.example/', false],
    ['http://[::ffff:7f00:1]/', false],
  ])('[R7] %s is allowed: %s', (url, allowed) => {
    const check = (): URL => createHttp().check(url, what);
    if (allowed) expect(check().href).toBe(new URL(url).href);
    else expect(check).toThrow(expect.objectContaining({ code: 'insecure_transport' }));
  });

  it('[R7] knows loopback by the parsed host only', () => {
    expect(isLoopback(new URL('http://2130706433/'))).toBe(true);
    expect(isLoopback(new URL('http://localhost./'))).toBe(false);
  });
});

describe('Retry-After', () => {
  it.each([
    ['7', 7],
    ['a date in a minute', 60],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['soon', undefined],
  ])('reads %s (RFC 9110 §10.2.3)', (given, seconds) => {
    const value = given.startsWith('a date') ? new Date(Date.now() + 60_000).toUTCString() : given;
    const read = retryAfter(new Headers({ 'retry-after': value }));
    if (seconds === undefined) expect(read).toBeUndefined();
    else expect(Math.abs((read ?? Number.NaN) - seconds)).toBeLessThanOrEqual(1);
  });
});
