/** The server of refresh-storm.ts, in a process of its own. A refresh token is valid once. */
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendMeasurements } from './processes.js';

let refreshToken = '';
let accessToken = '';
let refreshes = 0;

const server = createServer((request, response) => {
  let text = '';
  const send = (value: object, status = 200): void => {
    const body = JSON.stringify(value);
    const headers = { 'content-type': 'application/json', 'content-length': body.length };
    response.writeHead(status, headers).end(body);
  };
  request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  request.on('end', () => {
    if (request.url === '/start') {
      [refreshToken, accessToken, refreshes] = [random(), '', 0];
      return send({ refresh_token: refreshToken });
    }
    if (request.url === '/count') return send({ refreshes });
    if (request.url === '/token') {
      refreshes += 1;
      const isValid = new URLSearchParams(text).get('refresh_token') === refreshToken;
      if (!isValid) return send({ error: 'invalid_grant' }, 400);
      [refreshToken, accessToken] = [random(), random()];
      const fresh = { access_token: accessToken, refresh_token: refreshToken };
      return send({ ...fresh, token_type: 'Bearer', expires_in: 3600 });
    }
    const isValid = request.headers.authorization === `Bearer ${accessToken}`;
    send({ id: 1 }, isValid ? 200 : 401);
  });
});
server.listen(0, '127.0.0.1', () => {
  sendMeasurements(`http://127.0.0.1:${(server.address() as AddressInfo).port}`);
});

function random(): string {
  return randomBytes(24).toString('base64url');
}
