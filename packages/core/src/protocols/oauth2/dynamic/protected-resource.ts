import { BoundedCache } from '../../../platform/bounded-cache.js';
import { CachedDocument } from '../../../platform/cached-document.js';
import { OAuthError } from '../../../model/errors.js';
import { isSameIssuer, spellings } from '../../../platform/issuer-url.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { scopeText } from '../../../platform/scope.js';
import { traced } from '../../../platform/tracing/phases.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { EngineSource, ServerEngine, Start } from '../../engine-source.js';
import { createOAuth2App, type OAuth2AppConfig } from '../engine.js';
import {
  createClientIdentifier,
  ownClient,
  type ClientAtServer,
  type ClientNeed,
} from '../registration/client-identity.js';
import { originOf, withOrigin, type Origin } from './origin.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { checkMetadataUrl, readResource, type ResourceFacts } from './resource-metadata.js';
import { withVerbs } from './verbs.js';

/** The discovered data of a resource. */
interface Found {
  facts: ResourceFacts;
  /** The authorization server's issuer, as in its own metadata. */
  issuer: string;
  /** Loads the authorization server metadata. */
  load: LoadMetadata;
}

/** An engine, and what a pending login stores about it. */
interface EngineAtServer extends ServerEngine<OAuth2Token> {
  readonly remember: Origin;
}

/**
 * Maximum number of engines per client: it may register again for more scope while earlier logins
 * continue.
 */
const mostEngines = 20;

/**
 * Creates the engine source of a client for a protected resource. Discovery runs on first use,
 * shared by concurrent callers. The discovered data become options of an ordinary engine.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export function createResourceServer(config: OAuth2AppConfig): EngineSource<OAuth2Token> {
  const { name, options, metadataTtl } = config;
  const resourceUrl = options.resource ?? '';
  const http = config.http.guarded(resourceUrl);
  // API requests need no discovery.
  const api = { engine: createOAuth2App({ ...config, http }), options };
  const engines = new BoundedCache<EngineAtServer>(mostEngines);
  const identify = createClientIdentifier({ options, http });
  const resource = new CachedDocument(async () => {
    const facts = (await readResource(http, resourceUrl)) ?? (await configuredFacts());
    const named = await chooseIssuer(facts.authorizationServers);
    const issuer = [...spellings(named)];
    const known = { ...engineOptions(options, { facts, issuer: named }, {}), issuer };
    return {
      facts,
      named,
      load: createMetadata({ name, options: known, http, openid: true, ttl: metadataTtl }),
    };
  }, metadataTtl * 1000);

  /** From here on, the issuer is compared with the server's metadata character by character. */
  async function discover(): Promise<Found> {
    const { facts, named, load } = await resource.fresh();
    const { issuer = named } = await load();
    return { facts, issuer, load };
  }

  /** Returns the configured server, for a resource without metadata. */
  async function configuredFacts(): Promise<ResourceFacts> {
    const { issuer: configured, serverMetadataUrl } = options;
    if (typeof configured === 'string' || serverMetadataUrl !== undefined) {
      const load = createMetadata({
        name,
        options,
        http: config.http,
        openid: true,
        ttl: metadataTtl,
      });
      const { issuer = configured } = await load();
      if (typeof issuer === 'string') {
        return { resource: resourceUrl, authorizationServers: [issuer], scope: undefined };
      }
    }
    throw new OAuthError(
      'invalid_metadata',
      'The resource has no protected resource metadata (RFC 9728 §3), so its authorization ' +
        'server is unknown. Set "issuer" or "serverMetadataUrl" as well.',
    );
  }

  async function chooseIssuer(issuers: readonly string[]): Promise<string> {
    const { issuer, chooseAuthorizationServer: choose } = options;
    const wanted = choose ? [await choose(issuers)] : [issuer ?? issuers].flat();
    const fitting = issuers.filter((one) => wanted.some((other) => isSameIssuer(one, other)));
    if (fitting.length === 1) {
      return checkMetadataUrl(fitting[0], { http, name: 'authorization_servers' });
    }
    throw new OAuthError(
      'invalid_options',
      fitting.length === 0
        ? '"chooseAuthorizationServer" returned an authorization server that the resource ' +
            'does not list. Return one of those it lists.'
        : 'The resource lists several authorization servers. Set "chooseAuthorizationServer" ' +
            'to choose one.',
    );
  }

  async function engineAt(found: Found, need: ClientNeed): Promise<EngineAtServer> {
    const { facts, issuer, load } = found;
    const { client } = await identify.find(issuer, load, need);
    const key = JSON.stringify([facts, issuer, client]);
    const known = engines.get(key);
    if (known) return known;
    const engineConfig = { ...config, http, load, options: engineOptions(options, found, client) };
    const engine = withOrigin(createOAuth2App(engineConfig), {
      scope: options.scope,
      warn: config.warn,
    });
    const created = { engine, options, remember: { issuer, ...ownClient(client, options) } };
    engines.set(key, created);
    return created;
  }

  async function login<P extends { scope?: unknown }>(
    params: P,
    redirectUri: string,
  ): Promise<Start<OAuth2Token, P>> {
    const found = await discover();
    const { facts, load } = found;
    checkPkce(await load(), options);
    const { scope: given = options.scope ?? facts.scope } = params;
    const scope = scopeText(given as RegisterOptions['scope']);
    const created = await engineAt(found, { redirectUri, scope });
    // The scope of the challenge may change before the callback, so it is stored with this login.
    const asked = scope === undefined ? {} : { scope };
    return { ...created, params, remember: { ...created.remember, ...asked } };
  }

  /**
   * Returns the engine of a login or a token: at its own server, even if the resource now lists
   * another.
   */
  async function ready(from: Origin, what: 'login' | 'token'): Promise<ServerEngine<OAuth2Token>> {
    const found = await discover();
    if (from.issuer === undefined ? what === 'login' : from.issuer !== found.issuer) {
      throw changed(what);
    }
    return await engineAt(found, { clientId: from.clientId });
  }

  const within = <R>(run: () => Promise<R>): Promise<R> => traced(name, 'metadata', run)();
  const of = (token: OAuth2Token | undefined): Promise<ServerEngine<OAuth2Token>> =>
    within(() => ready(token ? originOf(token) : {}, 'token'));
  const source = withVerbs({
    ...api.engine,
    start: async (params, redirectUri) =>
      redirectUri === undefined
        ? { ...(await of(undefined)), params }
        : await within(() => login(params, redirectUri)),
    resume: (data) => within(() => ready(data, 'login')),
    of,
    api: async () => api,
  });
  return {
    ...source,
    // Server metadata is available before this client is registered there.
    verbs: {
      ...source.verbs,
      loadServerMetadata: () => within(async () => (await discover()).load()),
    },
  };
}

function changed(what: 'login' | 'token'): OAuthError {
  return new OAuthError(
    'mismatching_issuer',
    what === 'login'
      ? 'The resource has changed its authorization server since this login began. Start the ' +
          'login again.'
      : 'The resource has changed its authorization server since this token was issued. The ' +
          'token was not sent to the new one. Log in again.',
  );
}

/**
 * Rejects a server whose metadata does not announce PKCE with S256: for a client that registers
 * dynamically, nothing else shows its support. The option `pkce` overrides this.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/security-considerations
 */
function checkPkce(metadata: ServerMetadata, { pkce }: Readonly<RegisterOptions>): void {
  const methods = metadata['code_challenge_methods_supported'];
  if (pkce !== undefined || (Array.isArray(methods) && methods.includes('S256'))) return;
  throw new OAuthError(
    'invalid_metadata',
    'The authorization server does not announce PKCE support: ' +
      '"code_challenge_methods_supported" in its metadata is missing or has no "S256". ' +
      'Without PKCE, a code can be stolen. If the server supports it, set "pkce" to "S256".',
  );
}

/** Returns the options of the engine for a discovered server. */
function engineOptions(
  options: Readonly<RegisterOptions>,
  { facts: { resource, scope }, issuer }: Omit<Found, 'load'>,
  client: Partial<ClientAtServer>,
): Readonly<RegisterOptions> {
  return Object.freeze({
    ...options,
    ...client,
    issuer,
    scope: options.scope ?? scope,
    authorizeParams: { ...options.authorizeParams, resource },
    accessTokenParams: { ...options.accessTokenParams, resource },
    refreshTokenParams: { ...options.refreshTokenParams, resource },
  });
}
