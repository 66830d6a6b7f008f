import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { OAuth2Client } from '@oauth-registry/core/types';
import type { ClientMetadata } from 'oidc-provider';
import { certificate } from '../../protocols/oauth2/openid/id-token-vectors/certificate.js';
import { redirectUri } from '../../support/login.js';
import { rsaKey, signJws } from '../../support/provider/index.js';
import { startOidcProvider, type RealProvider } from '../real-providers/oidc-provider.js';
import { askingServer, fetchWith, identity, mTLS } from '../real-providers/tls.js';

type Json = Record<string, unknown>;

/** What the provider does otherwise than it should; each answer is right before it is spoilt. */
export interface Faults {
  metadata?: (right: Json) => Json;
  /** The claims of an id_token, and with another result than claims the id_token itself. */
  idToken?: (claims: Json) => Json | string;
  token?: (right: Json) => Json;
  /** The parameters of the authorization response; with JARM, of what stands in it. */
  callback?: (params: URLSearchParams) => void;
  /** The claims of a signed authorization response, or the response. */
  jarm?: (claims: Json) => Json | string;
  /** Answers a call of the resource in the provider's place. */
  resource?: (() => { status: number; headers: Record<string, string> } | undefined) | undefined;
}

/** A variant of the suite's FAPI 2.0 plans. */
export interface Variant {
  clientAuth: 'private_key_jwt' | 'mtls';
  senderConstrain: 'dpop' | 'mtls';
}

/** A provider that keeps to FAPI 2.0, and breaks it where a module asks for that. */
export interface FapiProvider extends RealProvider {
  faults: Faults;
  /** Signs as the provider does. */
  sign(claims: Json): string;
  client(variant?: Partial<Variant>, more?: RegisterOptions): OAuth2Client;
}

/** `PS256`, as the suite has its servers sign. */
export const alg = 'PS256';
const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const privateKey = {
  key: ec.privateKey.export({ format: 'pem', type: 'pkcs8' }).toString(),
  kid: 'client-1',
};
const mine = rsaKey(8);
const signingKey = rsaKey(5);

const variants: Variant[] = (['private_key_jwt', 'mtls'] as const).flatMap((clientAuth) =>
  (['dpop', 'mtls'] as const).map((senderConstrain) => ({ clientAuth, senderConstrain })),
);
const nameOf = ({ clientAuth, senderConstrain }: Variant, jarm: boolean): string =>
  [clientAuth, senderConstrain, ...(jarm ? ['signing'] : [])].join('-');

/** The registration of a variant; with `signing`, that of FAPI 2.0 Message Signing. */
function registration(variant: Variant, signing: boolean): ClientMetadata {
  const { clientAuth, senderConstrain } = variant;
  const x5c = [certificate(mine)];
  const keys = [
    { ...ec.publicKey.export({ format: 'jwk' }), kid: 'client-1' },
    { ...mine.publicKey.export({ format: 'jwk' }), kid: 'client-2', x5c },
  ];
  return {
    client_id: nameOf(variant, signing),
    token_endpoint_auth_method: (clientAuth === 'mtls'
      ? 'self_signed_tls_client_auth'
      : clientAuth) as 'private_key_jwt',
    jwks: { keys },
    grant_types: ['authorization_code', 'refresh_token', 'client_credentials'],
    id_token_signed_response_alg: alg,
    require_pushed_authorization_requests: true,
    dpop_bound_access_tokens: senderConstrain === 'dpop',
    tls_client_certificate_bound_access_tokens: senderConstrain === 'mtls',
    introspection_signed_response_alg: alg,
    authorization_signed_response_alg: alg,
    ...(signing ? { require_signed_request_object: true } : {}),
  };
}

/** Starts a provider that keeps to FAPI 2.0; `nonces` says whether it demands DPoP nonces everywhere. */
export async function startFapiProvider({ nonces = true } = {}): Promise<FapiProvider> {
  const sign = (claims: Json): string =>
    signJws(claims, { alg, kid: signingKey.kid }, signingKey.privateKey);
  const jwk = {
    ...signingKey.privateKey.export({ format: 'jwk' }),
    kty: 'RSA',
    kid: signingKey.kid,
  };
  const others = { ...rsaKey(4).privateKey.export({ format: 'jwk' }), kty: 'RSA', kid: 'other' };
  const real: RealProvider & { faults?: Faults } = await startOidcProvider({
    mtls: askingServer,
    clients: variants.flatMap((variant) => [
      registration(variant, false),
      registration(variant, true),
    ]),
    configuration: {
      jwks: {
        keys: [
          { ...jwk, use: 'sig', alg },
          { ...others, use: 'sig', alg: 'RS256' },
        ],
      },
      clientAuthMethods: ['private_key_jwt', 'self_signed_tls_client_auth'],
      enabledJWA: {
        clientAuthSigningAlgValues: ['ES256', 'PS256'],
        idTokenSigningAlgValues: ['PS256', 'ES256'],
        requestObjectSigningAlgValues: ['ES256', 'PS256'],
        authorizationSigningAlgValues: ['PS256', 'ES256'],
        introspectionSigningAlgValues: ['PS256', 'ES256'],
      },
      rotateRefreshToken: true,
      features: {
        fapi: { enabled: true, profile: '2.0' },
        pushedAuthorizationRequests: { enabled: true },
        requestObjects: { enabled: true },
        jwtResponseModes: { enabled: true },
        clientCredentials: { enabled: true },
        introspection: { enabled: true },
        jwtIntrospection: { enabled: true },
        mTLS,
        dPoP: { enabled: true, nonceSecret: randomBytes(32), requireNonce: () => nonces },
      },
    },
    async spoil(context, next) {
      const { faults = {} } = real;
      const instead = context.path === '/me' ? faults.resource?.() : undefined;
      if (instead) {
        context.status = instead.status;
        context.set(instead.headers);
        context.body = '';
        return;
      }
      await next();
      const body = context.body as Json | undefined;
      if (context.path.startsWith('/.well-known/') && faults.metadata) {
        context.body = faults.metadata(body ?? {});
      }
      if (context.path === '/token' && typeof body?.['access_token'] === 'string') {
        context.body = spoilToken(body, faults, sign);
      }
      const location = context.response.get('location') as string | undefined;
      if (location?.startsWith(redirectUri)) {
        context.set('location', spoilCallback(new URL(location), faults, sign));
      }
    },
  });
  return Object.assign(real, {
    faults: {},
    sign,
    client: (variant: Partial<Variant> = {}, more: RegisterOptions = {}) =>
      clientOf(real, variant, more),
  });
}

const claimsOf = (jwt: unknown): Json =>
  JSON.parse(Buffer.from(String(jwt).split('.')[1] ?? '', 'base64url').toString()) as Json;

function spoilToken(body: Json, { token, idToken }: Faults, sign: (claims: Json) => string): Json {
  const { id_token: right } = body;
  const made = idToken && right !== undefined ? idToken(claimsOf(right)) : undefined;
  const spoilt = made === undefined ? right : typeof made === 'string' ? made : sign(made);
  const all = { ...body, ...(spoilt === undefined ? {} : { id_token: spoilt }) };
  return token ? token(all) : all;
}

function spoilCallback(
  url: URL,
  { callback, jarm }: Faults,
  sign: (claims: Json) => string,
): string {
  const response = url.searchParams.get('response');
  if (response === null) callback?.(url.searchParams);
  if (response !== null && jarm) {
    const made = jarm(claimsOf(response));
    url.searchParams.set('response', typeof made === 'string' ? made : sign(made));
  }
  return url.href;
}

/** A client of the plan: PAR, PKCE and `iss` come from the metadata and by themselves. */
function clientOf(
  { issuer, secureOrigin }: RealProvider,
  { clientAuth = 'private_key_jwt', senderConstrain = 'dpop' }: Partial<Variant>,
  more: RegisterOptions,
): OAuth2Client {
  const { responseMode } = more;
  const usesCertificate = clientAuth === 'mtls' || senderConstrain === 'mtls';
  return new OAuth({ config: {} }).register('bank', {
    issuer,
    clientId: nameOf({ clientAuth, senderConstrain }, responseMode === 'jwt'),
    scope: 'openid email offline_access',
    authorizeParams: { prompt: 'consent' },
    privateKey,
    tokenEndpointAuthMethod:
      clientAuth === 'mtls' ? 'self_signed_tls_client_auth' : 'private_key_jwt',
    requirePushedAuthorizationRequests: true,
    idTokenSignedResponseAlg: alg,
    dpop: senderConstrain === 'dpop',
    ...(senderConstrain === 'mtls' ? { tlsClientCertificateBoundAccessTokens: true } : {}),
    apiBaseUrl: senderConstrain === 'mtls' ? secureOrigin : issuer,
    fetch: fetchWith(usesCertificate ? identity(mine) : undefined),
    ...more,
  }).bank;
}
