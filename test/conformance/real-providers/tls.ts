import { X509Certificate } from 'node:crypto';
import { request as httpsRequest, type ServerOptions } from 'node:https';
import type { TLSSocket } from 'node:tls';
import type { Configuration } from 'oidc-provider';
import { certificate } from '../../protocols/oauth2/openid/id-token-vectors/certificate.js';
import { rsaKey, type TestKey } from '../../support/provider/index.js';

/** A private key and its certificate, as PEM. */
export interface Identity {
  key: string;
  cert: string;
}

/** A key with a certificate of its own, or one of an authority. */
export function identity(key: TestKey, options: Parameters<typeof certificate>[1] = {}): Identity {
  return {
    key: key.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
    cert: new X509Certificate(Buffer.from(certificate(key, options), 'base64')).toString(),
  };
}

const server = identity(rsaKey(7));
const authorityKey = { key: rsaKey(6), name: 'The authority' };
const authority = identity(rsaKey(6), { name: authorityKey.name, isAuthority: true });

/** A certificate that the authority made out to somebody. */
export const issued = (key: TestKey, name: string): Identity =>
  identity(key, { name, authority: authorityKey });

/** A server that asks for a certificate, takes any, and knows those of the authority. */
export const askingServer: ServerOptions = {
  ...server,
  ca: authority.cert,
  requestCert: true,
  rejectUnauthorized: false,
};

const socketOf = (context: { req: { socket: unknown } }) => context.req.socket as TLSSocket;
const certificateOf = (context: { req: { socket: unknown } }) =>
  'getPeerX509Certificate' in socketOf(context)
    ? socketOf(context).getPeerX509Certificate()?.toString()
    : undefined;

/** How oidc-provider reads the certificates of such a server. */
export const mTLS: NonNullable<Configuration['features']>['mTLS'] = {
  enabled: true,
  certificateBoundAccessTokens: true,
  selfSignedTlsClientAuth: true,
  tlsClientAuth: true,
  getCertificate: certificateOf,
  certificateAuthorized: (context) => socketOf(context).authorized,
  certificateSubjectMatches: (context, property, expected) =>
    property === 'tls_client_auth_subject_dn' &&
    new X509Certificate(certificateOf(context) ?? '').subject === expected,
};

/** A `fetch` that knows the server, and presents a certificate where there is one. */
export function fetchWith(presented?: Identity): typeof fetch {
  return async (input, init) => {
    const address = new URL(String(input));
    if (address.protocol === 'http:') return await fetch(address, init);
    return await new Promise((resolve, reject) => {
      const headers = Object.fromEntries(new Headers(init?.headers));
      const form = init?.body instanceof URLSearchParams ? init.body.toString() : undefined;
      if (form !== undefined) headers['content-type'] = 'application/x-www-form-urlencoded';
      const trust = { ca: server.cert, checkServerIdentity: () => undefined };
      const options = { method: init?.method ?? 'GET', headers, ...trust, ...presented };
      const request = httpsRequest(address, options, (incoming) => {
        const chunks: Buffer[] = [];
        incoming.on('data', (chunk: Buffer) => chunks.push(chunk));
        incoming.on('end', () => {
          const status = incoming.statusCode ?? 0;
          const answer = { status, headers: incoming.headers as Record<string, string> };
          resolve(new Response(status === 204 ? null : Buffer.concat(chunks), answer));
        });
      });
      request.on('error', reject).end(form);
    });
  };
}
