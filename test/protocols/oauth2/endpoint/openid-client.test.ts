import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { decodeProtectedHeader, generateKeyPair } from 'jose';
import * as openid from 'openid-client';
import { afterEach, describe, expect, it } from 'vitest';
import { rejection } from '../../../support/login.js';

/*
 * What openid-client does differently: docs/decisions/0311-beside-openid-client.md. A failing test means that the
 * library has changed and its function may be used.
 */

interface Received {
  path: string;
  headers: IncomingMessage['headers'];
  form: URLSearchParams;
}

type Respond = (request: Received, response: ServerResponse) => void;

let server: Server | undefined;

afterEach(async () => {
  await new Promise((resolve) => server?.close(resolve) ?? resolve(undefined));
  server = undefined;
});

/** Starts a server and returns a configuration of openid-client for it. */
async function start(respond: Respond, auth: openid.ClientAuth = openid.None()) {
  const requests: Received[] = [];
  server = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      const { url: path = '', headers } = request;
      const received = { path, headers, form: new URLSearchParams(body) };
      requests.push(received);
      respond(received, response);
    });
  });
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve));
  const issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const names = ['authorization', 'token', 'device_authorization', 'registration'];
  const endpoints = names.map((name) => [`${name}_endpoint`, `${issuer}/${name}`]);
  const metadata = { issuer, ...Object.fromEntries(endpoints) };
  const configuration = new openid.Configuration(metadata, 'my-client', undefined, auth);
  openid.allowInsecureRequests(configuration);
  return { configuration, requests, issuer, metadata };
}

const json = (response: ServerResponse, body: object, status = 200): void => {
  response.writeHead(status, { 'content-type': 'application/json', connection: 'close' });
  response.end(JSON.stringify(body));
};

const token: Respond = (_request, response) =>
  json(response, { access_token: 'at', token_type: 'bearer' });

describe('openid-client', () => {
  it('sends a redirect URI without its query, and not as it was given', async () => {
    const { configuration, requests } = await start(token);
    const callback = new URL('https://App.example?tenant=1&code=c&state=s');
    await openid.authorizationCodeGrant(configuration, callback, { expectedState: 's' });
    expect(requests[0]?.form.get('redirect_uri')).toBe('https://app.example/');
  });

  it('ends a device login at the first poll that fails', async () => {
    const { configuration } = await start((_request, response) => json(response, {}, 502));
    const device = {
      device_code: 'd',
      user_code: 'u',
      verification_uri: 'https://id.example/device',
      expires_in: 600,
      interval: 0.01,
    };
    const poll = openid.pollDeviceAuthorizationGrant(configuration, device);
    expect(await rejection(poll)).toMatchObject({ code: 'OAUTH_RESPONSE_IS_NOT_CONFORM' });
  });

  it('sends nothing beside a request object but the client id', async () => {
    const { configuration } = await start(token);
    const { privateKey } = await generateKeyPair('ES256');
    const params = { response_type: 'code', scope: 'openid' };
    const url = await openid.buildAuthorizationUrlWithJAR(configuration, params, privateKey);
    expect([...url.searchParams.keys()].toSorted()).toEqual(['client_id', 'request']);
  });

  it('learns a DPoP nonce for each key anew', async () => {
    const { configuration, requests } = await start((request, response) => {
      response.setHeader('dpop-nonce', 'n-1');
      const proof = String(request.headers['dpop']);
      const claims = JSON.parse(atob(proof.split('.')[1] ?? '')) as { nonce?: string };
      if (claims.nonce === 'n-1') json(response, { access_token: 'at', token_type: 'dpop' });
      else json(response, { error: 'use_dpop_nonce' }, 400);
    });
    for (let login = 0; login < 2; login++) {
      const DPoP = openid.getDPoPHandle(configuration, await openid.randomDPoPKeyPair('ES256'));
      await openid.clientCredentialsGrant(configuration, {}, { DPoP });
    }
    expect(requests).toHaveLength(4);
  });

  it('throws the 401 of an API instead of returning it', async () => {
    const { configuration, issuer } = await start((_request, response) => {
      response.setHeader('www-authenticate', 'Bearer error="invalid_token"');
      json(response, {}, 401);
    });
    const call = openid.fetchProtectedResource(configuration, 'at', new URL(issuer), 'GET');
    expect(await rejection(call)).toBeInstanceOf(openid.WWWAuthenticateChallengeError);
  });

  it('loads the metadata for every registration, and rejects one whose expiry is not told', async () => {
    const { requests, issuer } = await start((request, response) => {
      if (request.path !== '/registration') {
        return json(response, { issuer, registration_endpoint: `${issuer}/registration` });
      }
      return json(response, { client_id: 'c', client_secret: 's' }, 201);
    });
    const registration = openid.dynamicClientRegistration(new URL(issuer), {}, undefined, {
      execute: [openid.allowInsecureRequests],
    });
    expect(await rejection(registration)).toMatchObject({ code: 'OAUTH_INVALID_RESPONSE' });
    expect(requests.map(({ path }) => path)).toEqual([
      '/.well-known/openid-configuration',
      '/registration',
    ]);
  });

  it('encodes a hyphen in HTTP Basic', async () => {
    const { configuration, requests } = await start(token, openid.ClientSecretBasic('a_b'));
    await openid.clientCredentialsGrant(configuration);
    const [, credentials = ''] = String(requests[0]?.headers.authorization).split(' ');
    expect(atob(credentials)).toBe('my%2Dclient:a%5Fb');
  });

  it('signs with a client secret by HS256 only', async () => {
    const auth = openid.ClientSecretJwt('x'.repeat(64), {
      [openid.modifyAssertion]: (header) => (header['alg'] = 'HS512'),
    });
    const { configuration, requests } = await start(token, auth);
    await openid.clientCredentialsGrant(configuration);
    const assertion = requests[0]?.form.get('client_assertion') ?? '';
    expect(decodeProtectedHeader(assertion).alg).toBe('HS512');
    // The signature is that of HS256: 32 bytes.
    expect(Buffer.from(assertion.split('.')[2] ?? '', 'base64url')).toHaveLength(32);
  });
});
