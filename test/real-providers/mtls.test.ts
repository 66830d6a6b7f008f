import { request as httpsRequest } from 'node:https';
import { X509Certificate } from 'node:crypto';
import type { TLSSocket } from 'node:tls';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { selfSignedCertificate } from '../id-token-vectors/certificate.js';
import { rsaKey, type TestKey } from '../provider/index.js';
import { startOidcProvider, type RealProvider } from './oidc-provider.js';

const pem = (key: TestKey) => ({
  key: key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  cert: new X509Certificate(Buffer.from(selfSignedCertificate(key), 'base64')).toString(),
});
const server = pem(rsaKey(7));
const mine = rsaKey(8);

let real: RealProvider;

beforeAll(async () => {
  const x5c = [selfSignedCertificate(mine)];
  const certificate = (context: { req: { socket: unknown } }) =>
    (context.req.socket as TLSSocket).getPeerX509Certificate()?.toString();
  real = await startOidcProvider({
    tls: { ...server, requestCert: true, rejectUnauthorized: false },
    clients: ['self_signed_tls_client_auth', 'tls_client_auth'].map((method) => ({
      client_id: method,
      token_endpoint_auth_method: method as 'none',
      grant_types: ['client_credentials'],
      redirect_uris: [],
      response_types: [],
      tls_client_certificate_bound_access_tokens: true,
      ...(method === 'tls_client_auth'
        ? { tls_client_auth_subject_dn: 'CN=attacker' }
        : { jwks: { keys: [{ ...mine.publicKey.export({ format: 'jwk' }), x5c }] } }),
    })),
    configuration: {
      clientAuthMethods: ['self_signed_tls_client_auth', 'tls_client_auth'],
      features: {
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
        mTLS: {
          enabled: true,
          certificateBoundAccessTokens: true,
          selfSignedTlsClientAuth: true,
          tlsClientAuth: true,
          getCertificate: certificate,
          certificateAuthorized: (context) => certificate(context) !== undefined,
          certificateSubjectMatches: (context, property, expected) =>
            property === 'tls_client_auth_subject_dn' &&
            new X509Certificate(certificate(context) ?? '').subject === expected,
        },
      },
    },
  });
});
afterAll(() => real.close());

/** A `fetch` that presents a certificate, and knows the provider's. */
function fetchWith(certificate: { key?: string; cert?: string }): typeof fetch {
  return async (input, init) =>
    await new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init?.headers));
      const form = init?.body instanceof URLSearchParams ? init.body.toString() : undefined;
      if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
      const trust = { ca: server.cert, checkServerIdentity: () => undefined };
      const options = { method: init?.method ?? 'GET', headers, ...trust, ...certificate };
      const request = httpsRequest(String(input), options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const type = String(incoming.headers['content-type']);
          const answer = { status: incoming.statusCode ?? 0, headers: { 'content-type': type } };
          resolve(new Response(Buffer.concat(chunks), answer));
        });
      });
      request.on('error', reject).end(form);
    });
}

const register = (method: string, key: TestKey | undefined, more: RegisterOptions = {}) =>
  new OAuth({ config: {} }).register('bank', {
    clientId: method,
    issuer: real.issuer,
    tokenEndpointAuthMethod: method,
    fetch: fetchWith(key ? pem(key) : {}),
    ...more,
  }).bank;

describe('mutual TLS at oidc-provider (RFC 8705)', () => {
  it.each(['self_signed_tls_client_auth', 'tls_client_auth'])(
    '[X12] %s proves the client with the certificate of its fetch, to which tokens are bound',
    async (method) => {
      const client = register(method, mine);
      const token = await client.clientCredentialsToken();
      expect(token.token_type).toBe('Bearer');
      const { cnf } = await client.introspectToken(token);
      expect(cnf).toHaveProperty('x5t#S256');
    },
  );

  it('[X12] another certificate, or none, is invalid_client (§2.2)', async () => {
    for (const key of [rsaKey(9), undefined]) {
      const asking = register('self_signed_tls_client_auth', key).clientCredentialsToken();
      await expect(asking).rejects.toMatchObject({ code: 'invalid_client' });
    }
  });
});
