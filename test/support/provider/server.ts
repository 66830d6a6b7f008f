import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { page, send, type ProviderResponse } from './response.js';
import { authorize } from './authorize.js';
import { faultyResponse } from './faults.js';
import { ecKey, encryptionKey, rsaKey } from './keys.js';
import { readRequest, type Endpoint, type ProviderRequest } from './log.js';
import { oauth1Access, oauth1Api, oauth1Authorize, oauth1Request } from './oauth1.js';
import { endSession, jwks, metadata, userinfo } from './openid.js';
import { openid2Endpoints, openid2Check, openid2Login, type OpenID2Endpoints } from './openid2.js';
import { noQuirks, type Override } from './quirks.js';
import { backchannel } from './backchannel.js';
import { pushedRequest } from './pushed.js';
import { register } from './registration.js';
import { api, introspect, revoke } from './resource.js';
import { token } from './token.js';
import { defaultSettings, type Settings } from './settings.js';
import { endpointOf, oauth1Endpoints, type OAuth1Endpoints } from './routes.js';
import { randomToken, type World } from './world.js';

/** Options of {@link startProvider}: any setting, and the path of the issuer. */
export interface ProviderOptions extends Partial<Settings> {
  /** The path of the issuer, such as `/tenant` or `/`; none by default. */
  issuerPath?: string;
}

/** A provider that runs. Its settings, quirks and `idToken` hook can be changed at any time. */
export interface FakeProvider extends World {
  /** Every request that arrived, in order. */
  readonly requests: ProviderRequest[];
  readonly metadataUrl: string;
  /** The URLs of the OAuth 1.0a endpoints. */
  readonly oauth1: OAuth1Endpoints;
  /** How an OpenID 2.0 client is registered. */
  readonly openid2: OpenID2Endpoints;
  /** Counts the requests that an endpoint, or all of them, received. */
  count(endpoint?: Endpoint): number;
  /** The last request an endpoint received; throws when there was none. */
  last(endpoint: Endpoint): ProviderRequest;
  /** Overrides an endpoint, the newest first; call what it returns to undo it. */
  on(endpoint: Endpoint, override: Override): () => void;
  /** Overrides the next response of an endpoint. */
  once(endpoint: Endpoint, override: Override): void;
  /** Signs with new keys from now on; the old ones leave the JWK Set unless `publishOld`. */
  rotateKeys(options?: { publishOld?: boolean }): void;
  /** Resets every quirk, override and rotation, the `idToken` hook and the log, but no setting. */
  reset(): void;
  /** Stops, and cuts every connection. */
  close(): Promise<void>;
}

const handlers: Record<Endpoint, (world: World, request: ProviderRequest) => unknown> = {
  metadata,
  authorize,
  token,
  jwks,
  userinfo,
  api,
  revoke,
  introspect,
  end_session: endSession,
  register,
  par: pushedRequest,
  backchannel,
  oauth1_request: oauth1Request,
  oauth1_authorize: oauth1Authorize,
  oauth1_access: oauth1Access,
  oauth1_api: oauth1Api,
  openid2_login: openid2Login,
  openid2_check: openid2Check,
  unknown: () => page('<h1>Not found</h1>', 404),
};

/**
 * Starts a provider on a free port of 127.0.0.1 that speaks OAuth 1.0a, OAuth 2, OpenID Connect and OpenID 2.0,
 * checks what it receives, approves every login at once, and misbehaves on demand.
 */
export async function startProvider(options: ProviderOptions = {}): Promise<FakeProvider> {
  const { issuerPath = '', ...settings } = options;
  const known = Object.keys(defaultSettings());
  const unknown = Object.keys(settings).find((name) => !known.includes(name));
  if (unknown !== undefined) {
    const names = ['issuerPath', ...known].join(', ');
    throw new TypeError(`startProvider(): there is no setting "${unknown}". Settings: ${names}.`);
  }
  // Making keys is slow and holds everything up, so none is made while a client waits.
  for (const make of [rsaKey, ecKey, encryptionKey]) make();
  const server = createServer({ maxHeaderSize: 64 * 1024 });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const world = createWorld(`http://127.0.0.1:${port}`, issuerPath, settings);
  return attach(server, world);
}

function createWorld(origin: string, issuerPath: string, settings: Partial<Settings>): World {
  return {
    origin,
    issuer: origin + issuerPath,
    base: origin + issuerPath.replace(/\/$/, ''),
    settings: { ...defaultSettings(), ...settings },
    quirks: noQuirks(),
    idToken: undefined,
    keys: { rsa: rsaKey(), ec: ecKey(), retired: [] },
    codes: new Map(),
    accessTokens: new Map(),
    refreshTokens: new Map(),
    spentRefreshTokens: new Map(),
    requestTokens: new Map(),
    tokenCredentials: new Map(),
    oauth1Nonces: new Set(),
    pushed: new Map(),
    usedJtis: new Set(),
    openid2Key: randomToken('key'),
    openid2Nonces: new Set(),
  };
}

type OverrideList = { endpoint: Endpoint; override: Override }[];

function attach(server: Server, world: World): FakeProvider {
  const overrides: OverrideList = [];
  const provider: FakeProvider = Object.assign(world, {
    metadataUrl: `${world.base}/.well-known/openid-configuration`,
    oauth1: oauth1Endpoints(world.base),
    openid2: openid2Endpoints(world.base),
    ...logMethods(),
    ...overrideMethods(overrides),
    rotateKeys: keyRotation(world),
    reset: () => {
      world.quirks = noQuirks();
      world.idToken = undefined;
      world.keys = { rsa: rsaKey(), ec: ecKey(), retired: [] };
      overrides.length = 0;
      provider.requests.length = 0;
    },
    close: () => close(server),
  });
  server.on('request', (incoming: IncomingMessage, response: ServerResponse) => {
    handle(provider, incoming, overrides)
      .then((made) => send(response, made))
      .catch((error: unknown) => {
        console.error('The fake provider failed.', error);
        response.destroy();
      });
  });
  return provider;
}

function logMethods(): Pick<FakeProvider, 'requests' | 'count' | 'last'> {
  const requests: ProviderRequest[] = [];
  return {
    requests,
    count: (endpoint) =>
      requests.filter((request) => endpoint === undefined || request.endpoint === endpoint).length,
    last: (endpoint) => {
      const found = requests.findLast((request) => request.endpoint === endpoint);
      if (!found) throw new Error(`The provider received no request at "${endpoint}".`);
      return found;
    },
  };
}

function overrideMethods(overrides: OverrideList): Pick<FakeProvider, 'on' | 'once'> {
  const on: FakeProvider['on'] = (endpoint, override) => {
    const entry = { endpoint, override };
    overrides.unshift(entry);
    return () => {
      if (overrides.includes(entry)) overrides.splice(overrides.indexOf(entry), 1);
    };
  };
  const once: FakeProvider['once'] = (endpoint, override) => {
    const off = on(endpoint, (request, respond) => {
      off();
      return override(request, respond);
    });
  };
  return { on, once };
}

/** Key pairs are numbered: `k1` and `e1` are followed by `k2` and `e2`. */
function keyRotation(world: World): FakeProvider['rotateKeys'] {
  return ({ publishOld = false } = {}) => {
    const { rsa, ec, retired } = world.keys;
    const next = Number(rsa.kid.slice(1)) + 1;
    const old = publishOld ? [...retired, rsa, ec] : [];
    world.keys = { rsa: rsaKey(next), ec: ecKey(next), retired: old };
  };
}

async function handle(
  provider: FakeProvider,
  incoming: IncomingMessage,
  overrides: OverrideList,
): Promise<ProviderResponse> {
  const read = await readRequest(incoming, provider.origin);
  const request = { ...read, endpoint: endpointOf(provider, read) };
  provider.requests.push(request);
  const respond = () => ordinaryResponse(provider, request);
  const fitting = overrides.filter(({ endpoint }) => endpoint === request.endpoint);
  for (const { override } of fitting) {
    const made = await override(request, respond);
    if (made) return made;
  }
  return respond();
}

/** The endpoint's own response, with the delay and the fault of the quirks. */
async function ordinaryResponse(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const { fault, delay, elsewhere } = world.quirks;
  const ordinary = async () =>
    (await handlers[request.endpoint](world, request)) as ProviderResponse;
  const name = fault[request.endpoint];
  const made = name
    ? await faultyResponse(name, { request, ordinary, elsewhere })
    : await ordinary();
  return { delay: delay[request.endpoint] ?? 0, ...made };
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    server.close(() => resolve());
    server.closeAllConnections();
  });
}
