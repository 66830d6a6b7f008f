/** The OAuth 1.0a provider of oauth1-login.ts, in a process of its own: it verifies every signature. */
import { randomBytes } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import oauthSign from 'oauth-sign';
import { sendMeasurements } from './processes.js';

interface Temporary {
  secret: string;
  callback: string;
  verifier?: string;
}

const clientSecret = 'the secret of the client';
const temporary = new Map<string, Temporary>();
const tokens = new Map<string, string>();
let issuer = '';

const server = createServer((request, response) => {
  const { pathname, searchParams } = new URL(request.url ?? '/', issuer);
  if (pathname === '/authorize') return authorize(searchParams.get('oauth_token') ?? '', response);
  const params = readHeader(request);
  const token = params['oauth_token'] ?? '';
  const secret = temporary.get(token)?.secret ?? tokens.get(token) ?? '';
  const { oauth_signature: signature, ...signed } = params;
  const base = [request.method ?? '', issuer + pathname, signed] as const;
  if (oauthSign.hmacsign(...base, clientSecret, secret) !== signature)
    return send(response, '', 401);
  if (pathname === '/request') return requestToken(params, response);
  if (pathname === '/access') return accessToken(params, response);
  const isKnown = tokens.delete(token);
  send(response, JSON.stringify({ sub: 'ada', name: 'Ada Lovelace' }), isKnown ? 200 : 401);
});
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sendMeasurements(issuer);
});

function requestToken({ oauth_callback }: Record<string, string>, response: ServerResponse): void {
  const [oauth_token, oauth_token_secret] = [random(), random()];
  temporary.set(oauth_token, { secret: oauth_token_secret, callback: oauth_callback ?? '' });
  const fields = { oauth_token, oauth_token_secret, oauth_callback_confirmed: 'true' };
  send(response, String(new URLSearchParams(fields)));
}

function authorize(oauth_token: string, response: ServerResponse): void {
  const found = temporary.get(oauth_token);
  if (!found) return send(response, '', 400);
  const oauth_verifier = random();
  found.verifier = oauth_verifier;
  const params = new URLSearchParams({ oauth_token, oauth_verifier });
  response.writeHead(302, { location: `${found.callback}?${String(params)}` }).end();
}

function accessToken(params: Record<string, string>, response: ServerResponse): void {
  const { oauth_token: before = '', oauth_verifier } = params;
  const found = temporary.get(before);
  temporary.delete(before);
  if (!found?.verifier || found.verifier !== oauth_verifier) return send(response, '', 401);
  const [oauth_token, oauth_token_secret] = [random(), random()];
  tokens.set(oauth_token, oauth_token_secret);
  send(response, String(new URLSearchParams({ oauth_token, oauth_token_secret })));
}

/** The parameters of an Authorization header, decoded. */
function readHeader({ headers }: IncomingMessage): Record<string, string> {
  const fields = (headers.authorization ?? '').matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries(
    [...fields].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}

function send(response: ServerResponse, body: string, status = 200): void {
  const type = body.startsWith('{') ? 'application/json' : 'application/x-www-form-urlencoded';
  const length = String(Buffer.byteLength(body));
  response.writeHead(status, { 'content-type': type, 'content-length': length }).end(body);
}

function random(): string {
  return randomBytes(16).toString('hex');
}
