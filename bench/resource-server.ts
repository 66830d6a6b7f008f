/** The resource server of resource.ts, in a process of its own. */
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const server = createServer((_request, response) => {
  const headers = { 'content-type': 'application/json', 'content-length': '8' };
  response.writeHead(200, headers).end('{"id":1}');
});
server.listen(0, '127.0.0.1', () => {
  process.send?.({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
process.on('disconnect', () => process.exit());
