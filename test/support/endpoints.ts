import { OAuth, discoverIssuer, registerDynamically } from '@oauth-registry/core';
import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { OAuth2Client } from '@oauth-registry/core/types';
import { oauth1Client, openidClient } from './apps/express.js';
import { faults, type Endpoint, type FakeProvider, type Fault } from './provider/index.js';
import type { ProviderResponse, ProviderRequest } from './provider/index.js';
import { faultyResponse } from './provider/faults.js';
import { comeBack, login, redirectUri } from './login.js';

/** What clients send that nobody but the provider may see. */
export const sentSecrets = {
  code: 'canary-device-code',
  request: 'canary-auth-req-id',
  initial: 'canary-initial-access-token',
  assertion: 'canary.assertion.signed',
  password: 'canary-password',
  subject: 'canary-subject-token',
  issued: 'canary-issued-client-secret',
  answered: 'canary-answered-access-token',
};

/** A network, and a registry that uses it. */
export interface Door {
  provider: FakeProvider;
  /** For the registry, and for the functions without one. */
  http: Pick<OAuthOptions, 'timeout' | 'fetch'>;
  /** The registries and clients that were made. */
  made: unknown[];
}

/** One kind of endpoint: where it is, and how a client comes to ask it. */
interface EndpointKind {
  endpoint: Endpoint;
  path?: string;
  /** Whether its URL is untrusted input, so that connections are guarded unless `fetch` is given. */
  guarded?: boolean;
  /** Whether the status says it all. */
  ignoresBody?: boolean;
  /** The codes of errors that faults end in here and not elsewhere. */
  outcomes?: Partial<Record<Fault, string[]>>;
  /** Does what comes before; what it returns asks the endpoint. */
  begin(door: Door): (() => Promise<unknown>) | Promise<() => Promise<unknown>>;
}

/** The answers of the endpoints that the fake provider has no logic for. */
const plainAnswers: Record<
  string,
  (provider: FakeProvider, request: ProviderRequest) => ProviderResponse | undefined
> = {
  '/token': (_provider, { form, headers }) => {
    const known = ['authorization_code', 'refresh_token'].includes(form.get('grant_type') ?? '');
    const type = headers['dpop'] === undefined ? 'Bearer' : 'DPoP';
    return known ? undefined : { body: { access_token: sentSecrets.answered, token_type: type } };
  },
  '/userinfo': () => ({ body: { sub: 'ada' } }),
  '/oauth1/api/me': () => ({ body: { sub: 'ada' } }),
  '/api/par': () => ({ status: 201, body: { request_uri: 'urn:request:1', expires_in: 60 } }),
  '/api/device': () => ({
    body: {
      device_code: sentSecrets.code,
      user_code: 'WDJB-MJHT',
      verification_uri: 'https://provider.example/device',
      expires_in: 600,
    },
  }),
  '/api/ciba': () => ({ body: { auth_req_id: sentSecrets.request, expires_in: 600 } }),
  '/api/register': () => ({
    status: 201,
    body: { client_id: 'registered', client_secret: sentSecrets.issued },
  }),
  '/.well-known/oauth-protected-resource/mcp': ({ base, issuer }) => ({
    body: { resource: `${base}/mcp`, authorization_servers: [issuer] },
  }),
  '/.well-known/webfinger': ({ issuer }) => ({
    body: { links: [{ rel: 'http://openid.net/specs/connect/1.0/issuer', href: issuer }] },
  }),
};

/** Makes a response from the ordinary one. */
export type Spoil = (
  request: ProviderRequest,
  ordinary: () => Promise<ProviderResponse>,
) => ProviderResponse | Promise<ProviderResponse>;

/**
 * Answers every endpoint, and one of them with a fault or a spoilt response as soon as the returned function is
 * called.
 */
export function play(
  provider: FakeProvider,
  target: EndpointKind,
  fault?: Fault | Spoil,
): () => void {
  let armed = false;
  const { base } = provider;
  provider.quirks.metadata = {
    pushed_authorization_request_endpoint: `${base}/api/par`,
    device_authorization_endpoint: `${base}/api/device`,
    backchannel_authentication_endpoint: `${base}/api/ciba`,
    registration_endpoint: `${base}/api/register`,
    revocation_endpoint: `${base}/revoke`,
    introspection_endpoint: `${base}/introspect`,
  };
  for (const endpoint of new Set<Endpoint>(['token', 'api', 'unknown', target.endpoint])) {
    provider.on(endpoint, async (request, respond) => {
      const ordinary = async (): Promise<ProviderResponse> =>
        plainAnswers[request.path]?.(provider, request) ?? (await respond());
      if (!armed || fault === undefined || !isFor(target, request)) return await ordinary();
      if (typeof fault === 'function') return await fault(request, ordinary);
      return await faultyResponse(fault, {
        request,
        ordinary,
        elsewhere: provider.quirks.elsewhere,
      });
    });
  }
  return () => {
    armed = true;
  };
}

/** Tells whether a request is for a kind of endpoint. */
export function isFor(
  { endpoint, path = '' }: EndpointKind,
  request: Pick<ProviderRequest, 'endpoint' | 'path'>,
): boolean {
  return request.endpoint === endpoint && request.path.endsWith(path);
}

function openid({ provider, http, made }: Door, more: RegisterOptions = {}): OAuth2Client {
  const oauth = new OAuth({ config: {}, ...http }).register('corp', openidClient(provider, more));
  made.push(oauth, oauth.corp);
  return oauth.corp;
}

/** A request by a client that is registered by hand, so that nothing but this endpoint is asked. */
function direct(
  endpoint: Endpoint,
  ask: (client: OAuth2Client) => Promise<unknown>,
  more: RegisterOptions & { path?: string } = {},
): EndpointKind {
  const { path, ...options } = more;
  const begin = async (door: Door): Promise<() => Promise<unknown>> => {
    const client = openid(door, options);
    await client.loadServerMetadata();
    return () => ask(client);
  };
  return { endpoint, begin, ...(path === undefined ? {} : { path }) };
}

const subject = sentSecrets.subject;

/** Every kind of endpoint that is asked, by name. */
export const endpointKinds: Record<string, EndpointKind> = {
  'metadata document': {
    endpoint: 'metadata',
    begin: (door) => () => openid(door).loadServerMetadata(),
  },
  'JWK Set': direct('jwks', (client) => client.fetchJwkSet()),
  'token endpoint (code)': {
    endpoint: 'token',
    async begin(door) {
      const client = openid(door);
      const request = await client.createAuthorizationUrl(redirectUri);
      const back = await comeBack(request);
      return () => client.fetchAccessToken(back.href, request);
    },
  },
  'token endpoint (refresh)': {
    endpoint: 'token',
    async begin(door) {
      const token = await login(openid({ ...door, http: {} }));
      const client = openid(door);
      await client.loadServerMetadata();
      await client.fetchJwkSet();
      return () => client.refreshToken(token);
    },
  },
  'token endpoint (client credentials)': direct('token', (client) =>
    client.clientCredentialsToken(),
  ),
  'token endpoint (exchange)': direct('token', (client) =>
    client.grants.exchangeToken(subject, { audience: 'api' }),
  ),
  'token endpoint (assertion)': direct('token', (client) =>
    client.grants.jwtBearerToken(sentSecrets.assertion),
  ),
  'token endpoint (password)': direct(
    'token',
    (client) => client.grants.passwordToken({ username: 'ada', password: sentSecrets.password }),
    { allowLegacyGrants: ['password'] },
  ),
  'token endpoint (device code)': direct(
    'token',
    async (client) =>
      client.grants.pollDeviceAuthorization(await client.grants.startDeviceAuthorization()),
    { idToken: 'ignore' },
  ),
  'token endpoint (CIBA)': direct(
    'token',
    async (client) =>
      client.grants.pollBackchannelAuthentication(
        await client.grants.startBackchannelAuthentication({ login_hint: 'ada' }),
      ),
    { idToken: 'ignore' },
  ),
  'token endpoint (DPoP)': direct('token', (client) => client.clientCredentialsToken(), {
    dpop: true,
  }),
  userinfo: direct('userinfo', (client) =>
    client.userinfo({ token: { access_token: subject, token_type: 'Bearer' } }),
  ),
  'pushed authorization requests': direct(
    'api',
    (client) => client.createAuthorizationUrl(redirectUri),
    { path: '/par', requirePushedAuthorizationRequests: true },
  ),
  'device authorization': direct('api', (client) => client.grants.startDeviceAuthorization(), {
    path: '/device',
  }),
  'backchannel authentication': direct(
    'api',
    (client) => client.grants.startBackchannelAuthentication({ login_hint_token: subject }),
    { path: '/ciba' },
  ),
  introspection: direct('introspect', (client) => client.introspectToken(subject)),
  revocation: {
    ...direct('revoke', (client) => client.revokeToken(subject)),
    ignoresBody: true,
  },
  registration: {
    endpoint: 'api',
    path: '/register',
    guarded: true,
    // What others have named is bounded more tightly than this fault is long.
    outcomes: { 'deep-json': ['response_too_large'] },
    begin:
      ({ provider, http }) =>
      () =>
        registerDynamically(
          provider.issuer,
          { redirect_uris: [redirectUri] },
          { ...http, allowPrivateNetworks: true, initialAccessToken: sentSecrets.initial },
        ),
  },
  'protected resource metadata': {
    endpoint: 'unknown',
    path: '/oauth-protected-resource/mcp',
    guarded: true,
    outcomes: { 'deep-json': ['response_too_large'] },
    begin:
      ({ provider, http }) =>
      () =>
        new OAuth({ config: {}, ...http })
          .register('mcp', { resource: `${provider.base}/mcp` })
          .mcp.createAuthorizationUrl(redirectUri),
  },
  WebFinger: {
    endpoint: 'unknown',
    path: '/webfinger',
    guarded: true,
    outcomes: { 'deep-json': ['response_too_large'] },
    begin:
      ({ provider, http }) =>
      () =>
        discoverIssuer(`${provider.base}/ada`, { ...http, allowInsecureRequests: true }),
  },
  'OAuth 1 temporary credentials': {
    endpoint: 'oauth1_request',
    begin: (door) => () => one(door).createAuthorizationUrl(redirectUri),
  },
  'OAuth 1 token credentials': {
    endpoint: 'oauth1_access',
    async begin(door) {
      const request = await one({ ...door, http: {} }).createAuthorizationUrl(redirectUri);
      const back = await comeBack(request);
      return () => one(door).fetchAccessToken(back.href, request);
    },
  },
  'OAuth 1 profile': {
    endpoint: 'oauth1_api',
    begin: (door) => () =>
      one(door, { userinfoEndpoint: `${door.provider.oauth1.api}/me` }).userinfo({
        token: { oauth_token: subject, oauth_token_secret: sentSecrets.password },
      }),
  },
};

function one({ provider, http, made }: Door, more: RegisterOptions = {}) {
  const options = { ...oauth1Client(provider, more), requestTokenUrl: provider.oauth1.request };
  const oauth = new OAuth({ config: {}, ...http }).register('one', options);
  made.push(oauth, oauth.one);
  return oauth.one;
}

/** The names of every transport fault. */
export const allFaults = Object.keys(faults) as Fault[];
