import { X509Certificate } from 'node:crypto';
import { createServer, type RequestListener } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import {
  createServer as createTcpServer,
  type AddressInfo,
  type Server,
  type Socket,
} from 'node:net';
import type { TLSSocket } from 'node:tls';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { certificate } from '../../../../../test/protocols/oauth2/openid/id-token-vectors/certificate.js';
import { rsaKey } from '../../../../../test/support/provider/index.js';
import { startProxy, type TestProxy } from '../../../../../test/support/proxy.js';
import { Cancellation } from './cancellation.js';
import { guardedTransport } from './guarded.js';
import { createHttp } from './http.js';
import type { Lookup } from './node-modules.js';

const what = 'token endpoint';
const http = createHttp({ timeout: 5000 });
const key = rsaKey(7);
const tls = {
  key: key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  cert: new X509Certificate(
    Buffer.from(certificate(key, { name: 'id.example' }), 'base64'),
  ).toString(),
};

/** The host names that clients have named in TLS. */
const named: (string | false | null | undefined)[] = [];
const received: { method: string; url: string; headers: Record<string, unknown>; body: string }[] =
  [];
const respond: RequestListener = (request, response) => {
  let body = '';
  request.on('data', (chunk: Buffer) => (body += chunk.toString()));
  request.on('end', () => {
    const { method = '', url = '', headers, socket } = request;
    if ('servername' in socket) named.push((socket as TLSSocket).servername);
    received.push({ method, url, headers, body });
    if (url === '/large') response.end('x'.repeat(2000));
    else response.end('fine');
  });
};
const servers: Server[] = [createServer(respond), createSecureServer(tls, respond)];
let [plainPort, securePort] = [0, 0];
let [proxy, secureProxy]: TestProxy[] = [];
const proxies = (): TestProxy[] => [proxy, secureProxy].filter((one) => one !== undefined);

const portOf = (server: Server | undefined): number =>
  (server?.address() as AddressInfo | undefined)?.port ?? 0;

beforeAll(async () => {
  for (const server of servers) {
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  }
  [plainPort = 0, securePort = 0] = servers.map(portOf);
  // Tunnels to names of the tests lead to the server.
  proxy = await startProxy({ leadsTo: securePort });
  secureProxy = await startProxy({ tls, leadsTo: securePort });
});
afterAll(async () => {
  for (const one of proxies()) await one.close();
  for (const server of servers) {
    (server as ReturnType<typeof createServer>).closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
});
beforeEach(() => {
  for (const name of ['http_proxy', 'https_proxy', 'no_proxy', 'NO_PROXY']) {
    vi.stubEnv(name, undefined);
  }
  named.length = 0;
  received.length = 0;
});
afterEach(() => {
  vi.unstubAllEnvs();
  for (const one of proxies()) one.reset();
});

/** Accepts the certificate of the server, which no authority has signed. */
function trustAll(): void {
  vi.stubEnv('NODE_TLS_REJECT_UNAUTHORIZED', '0');
}

const first = (): TestProxy => {
  if (!proxy) throw new Error('The proxy is not started.');
  return proxy;
};

describe('an https request through a proxy', () => {
  beforeEach(() => {
    vi.stubEnv('HTTPS_PROXY', first().url);
  });

  it('is sent through a tunnel, and names the host in TLS (RFC 9110 §9.3.6)', async () => {
    trustAll();
    const url = 'https://id.example/token?a=1';
    const sent = { what, url, method: 'POST', body: new URLSearchParams({ code: 'c' }) };
    expect((await http.send(sent)).text).toBe('fine');
    expect(first().asked).toEqual(['CONNECT id.example:443']);
    expect(named).toEqual(['id.example']);
    expect(received).toMatchObject([
      { method: 'POST', url: '/token?a=1', body: 'code=c', headers: { host: 'id.example' } },
    ]);
    expect(received[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('uses a tunnel again, for its host alone', async () => {
    trustAll();
    for (const host of ['a.example', 'a.example', 'b.example:8443', 'a.example']) {
      await http.send({ what, url: `https://${host}/` });
      await (await http.sendResource({ what, url: `https://${host}/` })).text();
    }
    expect(first().asked).toEqual(['CONNECT a.example:443', 'CONNECT b.example:8443']);
  });

  it('is repeated through a new tunnel if the idle one was closed', async () => {
    trustAll();
    const url = 'https://closed.example/';
    await http.send({ what, url });
    for (const socket of first().sockets) socket.resetAndDestroy();
    expect((await http.send({ what, url })).text).toBe('fine');
    expect(first().asked).toEqual(['CONNECT closed.example:443', 'CONNECT closed.example:443']);
  });

  it('verifies the certificate of the server', async () => {
    const failure = http.send({ what, url: 'https://unverified.example/' });
    await expect(failure).rejects.toMatchObject({ reason: 'DEPTH_ZERO_SELF_SIGNED_CERT' });
    expect(received).toEqual([]);
  });

  it('is sent directly to a host of NO_PROXY', async () => {
    trustAll();
    vi.stubEnv('NO_PROXY', '127.0.0.1');
    await http.send({ what, url: `https://127.0.0.1:${securePort}/` });
    expect(first().asked).toEqual([]);
    expect(received).toHaveLength(1);
  });

  it('sends user name and password to the proxy alone (RFC 9110 §11.7.2)', async () => {
    trustAll();
    vi.stubEnv('HTTPS_PROXY', `http://ada:s%40cret@${first().host}`);
    await http.send({ what, url: 'https://secret.example/' });
    expect(first().authorizations).toEqual([`Basic ${btoa('ada:s@cret')}`]);
    expect(received[0]?.headers).not.toHaveProperty('proxy-authorization');
  });

  it('does not use a tunnel that another user opened', async () => {
    trustAll();
    const url = 'https://users.example/';
    for (const user of ['ada', 'bob']) {
      vi.stubEnv('HTTPS_PROXY', `http://${user}:secret@${first().host}`);
      await http.send({ what, url });
    }
    expect(first().authorizations).toEqual([
      `Basic ${btoa('ada:secret')}`,
      `Basic ${btoa('bob:secret')}`,
    ]);
  });

  it.each([
    [407, 'Check the user name and the password'],
    [403, 'exclude the host with "NO_PROXY"'],
    [502, 'exclude the host with "NO_PROXY"'],
  ])('fails if the proxy responds %i, and shows no secret', async (status, advice) => {
    vi.stubEnv('HTTPS_PROXY', `http://ada:s%40cret@${first().host}`);
    first().status = status;
    const error: unknown = await http
      .send({ what, url: 'https://refused.example/' })
      .catch((failure: unknown) => failure);
    expect(error).toMatchObject({ code: 'provider_unavailable', reason: `PROXY_${status}` });
    const { message, stack } = error as Error;
    expect(message).toContain(`The proxy in "HTTPS_PROXY" responded ${status}. `);
    expect(message).toContain(advice);
    for (const secret of ['ada', 's@cret', 's%40cret', btoa('ada:s@cret'), 'secret words']) {
      expect(`${message} ${stack} ${JSON.stringify(error)}`).not.toContain(secret);
    }
  });

  it('fails if there is no proxy at the URL', async () => {
    vi.stubEnv('HTTPS_PROXY', `http://127.0.0.1:${await freePort()}`);
    await expect(http.send({ what, url: 'https://none.example/' })).rejects.toMatchObject({
      code: 'provider_unavailable',
      reason: 'PROXY_ECONNREFUSED',
      message: expect.stringContaining(
        'The token endpoint could not be reached through a proxy. The proxy in "HTTPS_PROXY" could ' +
          'not be reached (ECONNREFUSED).',
      ),
    });
  });

  it('fails if the variable has no URL of a proxy, and sends nothing', async () => {
    vi.stubEnv('HTTPS_PROXY', 'socks5://127.0.0.1');
    const failure = http.send({ what, url: `https://127.0.0.1:${securePort}/` });
    await expect(failure).rejects.toMatchObject({ code: 'invalid_options' });
    expect(received).toEqual([]);
  });

  it('times out while a proxy does not respond, and closes the connection to it', async () => {
    first().isSilent = true;
    const failure = http.send({ what, url: 'https://slow.example/', timeout: 300 });
    await expect(failure).rejects.toMatchObject({ code: 'timeout' });
    await vi.waitFor(() => expect(first().sockets.size).toBe(0));
  });

  it('is aborted by its signal while a proxy does not respond', async () => {
    first().isSilent = true;
    const stop = new AbortController();
    const failure = http.send({ what, url: 'https://slow.example/', signal: stop.signal });
    const caught = expect(failure).rejects.toThrow('Enough');
    await vi.waitFor(() => expect(first().asked).toHaveLength(1));
    stop.abort(new Error('Enough'));
    await caught;
    await vi.waitFor(() => expect(first().sockets.size).toBe(0));
  });

  it('has the size limit of direct responses', async () => {
    trustAll();
    const failure = http.send({ what, url: 'https://large.example/large', limit: 1000 });
    await expect(failure).rejects.toMatchObject({ code: 'response_too_large' });
  });

  it('passes a proxy over TLS', async () => {
    trustAll();
    vi.stubEnv('HTTPS_PROXY', secureProxy?.url);
    expect((await http.send({ what, url: 'https://id.example/' })).text).toBe('fine');
    expect(secureProxy?.asked).toEqual(['CONNECT id.example:443']);
  });
});

describe('an http request through a proxy', () => {
  beforeEach(() => {
    vi.stubEnv('HTTP_PROXY', `http://ada:secret@${first().host}`);
  });

  it('is sent in absolute form, on connections that are used again (RFC 9112 §3.2.2)', async () => {
    const url = `http://127.0.0.1:${plainPort}/api?a=1#fragment`;
    for (const method of ['GET', 'POST']) await http.send({ what, url, method, body: null });
    const target = `http://127.0.0.1:${plainPort}/api?a=1`;
    expect(first().asked).toEqual([`GET ${target}`, `POST ${target}`]);
    expect(first().authorizations).toEqual(Array(2).fill(`Basic ${btoa('ada:secret')}`));
    expect(first().sockets.size).toBe(1);
    expect(received).toMatchObject([
      { url: '/api?a=1', headers: { host: `127.0.0.1:${plainPort}` } },
      { url: '/api?a=1' },
    ]);
  });

  it('fails if the proxy responds 407', async () => {
    first().status = 407;
    const url = `http://127.0.0.1:${plainPort}/`;
    for (const send of [http.send, http.sendResource]) {
      await expect(send({ what, url })).rejects.toMatchObject({
        code: 'provider_unavailable',
        reason: 'PROXY_407',
      });
    }
  });

  it('fails if there is no proxy at the URL', async () => {
    vi.stubEnv('HTTP_PROXY', `http://127.0.0.1:${await freePort()}`);
    const failure = http.send({ what, url: `http://127.0.0.1:${plainPort}/` });
    await expect(failure).rejects.toMatchObject({ reason: 'PROXY_ECONNREFUSED' });
    expect(received).toEqual([]);
  });

  it('passes a proxy over TLS', async () => {
    trustAll();
    vi.stubEnv('HTTP_PROXY', secureProxy?.url);
    const url = `http://127.0.0.1:${plainPort}/`;
    expect((await http.send({ what, url })).text).toBe('fine');
    expect(secureProxy?.asked).toEqual([`GET ${url}`]);
  });
});

describe('a request to a host that another user has named, through a proxy', () => {
  /** A resolver that returns one list of IP addresses after the other. */
  function resolving(...lists: string[][]): Lookup {
    return (_, __, found) => {
      const addresses = (lists.length > 1 ? lists.shift() : lists[0]) ?? [];
      found(
        null,
        addresses.map((address) => ({ address, family: address.includes(':') ? 6 : 4 })),
      );
    };
  }

  function sending(lookup: Lookup): (url: string) => Promise<Response> {
    const transport = guardedTransport('public', undefined, lookup);
    return async (url) => {
      const headers = {};
      const cancellation = new Cancellation();
      const request = { url: new URL(url), method: 'GET', headers, body: null, cancellation };
      return await (await transport(request)).toResponse();
    };
  }

  const send = (url: string, lookup: Lookup): Promise<Response> => sending(lookup)(url);

  beforeEach(() => {
    vi.stubEnv('HTTPS_PROXY', first().url);
    vi.stubEnv('HTTP_PROXY', first().url);
  });

  it('[D8] asks the proxy for the IP address that was checked, once (DNS rebinding)', async () => {
    trustAll();
    const lookup = resolving(['2606:4700::1', '8.8.8.8'], ['127.0.0.1']);
    const response = await send('https://id.example/path', lookup);
    expect(await response.text()).toBe('fine');
    expect(first().asked).toEqual(['CONNECT 8.8.8.8:443']);
    expect(named).toEqual(['id.example']);
    expect(received).toMatchObject([{ url: '/path', headers: { host: 'id.example' } }]);
    await expect(send('https://id.example/', lookup)).rejects.toMatchObject({
      code: 'unsafe_address',
    });
    expect(first().asked).toHaveLength(1);
  });

  it.each([['127.0.0.1'], ['169.254.169.254'], ['8.8.8.8', '10.0.0.1'], ['::1'], []])(
    '[D8] is not sent if a name resolves to %j',
    async (...addresses) => {
      for (const scheme of ['https', 'http']) {
        const failure = send(`${scheme}://evil.example/`, resolving(addresses));
        await expect(failure).rejects.toMatchObject({ code: 'unsafe_address' });
      }
      expect(first().asked).toEqual([]);
    },
  );

  it('[D8] names an IPv6 address in brackets', async () => {
    trustAll();
    await send('https://id.example/', resolving(['2606:4700::1']));
    expect(first().asked).toEqual(['CONNECT [2606:4700::1]:443']);
  });

  it('[D8] never lets the proxy resolve the name of an http URL', async () => {
    first().status = 403;
    const failure = send('http://id.example:8080/', resolving(['8.8.8.8']));
    await expect(failure).rejects.toThrow('responded 403');
    expect(first().asked).toEqual(['CONNECT 8.8.8.8:8080']);
  });

  it('[D8] is checked as well if NO_PROXY excludes the host', async () => {
    vi.stubEnv('NO_PROXY', '*');
    const failure = send('https://evil.example/', resolving(['127.0.0.1']));
    await expect(failure).rejects.toMatchObject({ code: 'unsafe_address' });
    expect(first().asked).toEqual([]);
  });

  it('[D8] has a tunnel of its own, so that each is checked', async () => {
    trustAll();
    await http.send({ what, url: 'https://own.example/' });
    const sendNext = sending(resolving(['8.8.8.8'], ['8.8.4.4'], ['127.0.0.1']));
    for (const _ of [1, 2]) await (await sendNext('https://own.example/')).text();
    await expect(sendNext('https://own.example/')).rejects.toMatchObject({
      code: 'unsafe_address',
    });
    expect(first().asked).toEqual([
      'CONNECT own.example:443',
      'CONNECT 8.8.8.8:443',
      'CONNECT 8.8.4.4:443',
    ]);
  });
});

async function freePort(): Promise<number> {
  const server = createTcpServer((socket: Socket) => socket.destroy());
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const port = portOf(server);
  await new Promise((resolve) => server.close(resolve));
  return port;
}
