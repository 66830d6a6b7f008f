/** The provider of login.ts, in a process of its own: metadata, JWK Set, token endpoint and userinfo. */
import { createHash, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { sendMeasurements } from './processes.js';

const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = { ...publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256', use: 'sig' };
const logins = new Map<string, { nonce: string; challenge: string }>();
const tokens = new Set<string>();
let issuer = '';

const server = createServer((request, response) => {
  const url = new URL(request.url ?? '/', issuer);
  const json = (value: unknown, status = 200): void => {
    const body = JSON.stringify(value);
    const length = String(Buffer.byteLength(body));
    response
      .writeHead(status, { 'content-type': 'application/json', 'content-length': length })
      .end(body);
  };
  if (url.pathname === '/.well-known/openid-configuration') json(metadata());
  else if (url.pathname === '/jwks') json({ keys: [jwk] });
  else if (url.pathname === '/authorize') authorize(url, response);
  else if (url.pathname === '/userinfo') userinfo(request, json);
  else readBody(request, (form) => token(new URLSearchParams(form), json));
});
server.listen(0, '127.0.0.1', () => {
  issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  sendMeasurements(issuer);
});

function metadata(): object {
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    userinfo_endpoint: `${issuer}/userinfo`,
    jwks_uri: `${issuer}/jwks`,
    authorization_response_iss_parameter_supported: true,
    code_challenge_methods_supported: ['S256'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_basic'],
    response_types_supported: ['code'],
    subject_types_supported: ['public'],
  };
}

function authorize({ searchParams }: URL, response: ServerResponse): void {
  const read = (name: string): string => searchParams.get(name) ?? '';
  const code = randomBytes(16).toString('base64url');
  logins.set(code, { nonce: read('nonce'), challenge: read('code_challenge') });
  const back = new URL(read('redirect_uri'));
  back.search = String(new URLSearchParams({ code, state: read('state'), iss: issuer }));
  response.writeHead(302, { location: back.href }).end();
}

function token(form: URLSearchParams, json: (value: unknown, status?: number) => void): void {
  const login = logins.get(form.get('code') ?? '');
  logins.delete(form.get('code') ?? '');
  const verifier = form.get('code_verifier') ?? '';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  if (login?.challenge !== challenge) return json({ error: 'invalid_grant' }, 400);
  const access_token = randomBytes(24).toString('base64url');
  tokens.add(access_token);
  const hash = createHash('sha256').update(access_token).digest().subarray(0, 16);
  const now = Math.floor(Date.now() / 1000);
  const head = encode({ alg: 'RS256', kid: 'one', typ: 'JWT' });
  const claims = encode({
    iss: issuer,
    aud: 'app',
    sub: 'ada',
    iat: now,
    exp: now + 300,
    nonce: login.nonce,
    at_hash: hash.toString('base64url'),
    email: 'ada@example.org',
  });
  const signature = sign('sha256', Buffer.from(`${head}.${claims}`), privateKey);
  const id_token = `${head}.${claims}.${signature.toString('base64url')}`;
  json({ access_token, token_type: 'Bearer', expires_in: 3600, id_token });
}

function userinfo(request: IncomingMessage, json: (value: unknown, status?: number) => void): void {
  const known = tokens.delete(request.headers.authorization?.slice('Bearer '.length) ?? '');
  if (known) json({ sub: 'ada', email: 'ada@example.org', name: 'Ada Lovelace' });
  else json({ error: 'invalid_token' }, 401);
}

function encode(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function readBody(request: IncomingMessage, done: (text: string) => void): void {
  let text = '';
  request.setEncoding('utf8').on('data', (piece: string) => (text += piece));
  request.on('end', () => done(text));
}
