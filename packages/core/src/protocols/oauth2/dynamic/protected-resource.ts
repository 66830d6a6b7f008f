import { BoundedCache } from '../../../platform/bounded-cache.js';
import { CachedDocument } from '../../../platform/cached-document.js';
import type { Http } from '../../../platform/http/http.js';
import { OAuthError } from '../../../model/errors.js';
import { isSameIssuer, spellings } from '../../../platform/issuer-url.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { scopeText } from '../../../platform/scope.js';
import { trace } from '../../../platform/tracing/phases.js';
import type { AuthorizeData, Awaitable, OAuth2Token } from '../../../model/types.js';
import type { ServerEngine, ServerSource, Start } from '../../engine-source.js';
import { OAuth2Engine, type OAuth2EngineConfig } from '../engine.js';
import {
  ClientIdentifier,
  ownClient,
  type ClientAtServer,
  type ClientNeed,
} from '../registration/client-identity.js';
import type { OAuth2EngineVerbs } from '../verbs.js';
import { BoundEngine, originOf, type Origin } from './origin.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { checkMetadataUrl, readResource, type ResourceFacts } from './resource-metadata.js';
import { verbsAt } from './verbs.js';

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

/** A resource's data, the issuer it names, and the loader of that server's metadata. */
interface Resource {
  facts: ResourceFacts;
  named: string;
  load: LoadMetadata;
}

/**
 * Finds the engine of a client for a protected resource. Discovery runs on first use, shared by
 * concurrent callers. The discovered data become options of an ordinary engine.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export class ResourceServer implements ServerSource<OAuth2Token> {
  readonly verbs: OAuth2EngineVerbs;
  readonly #config: OAuth2EngineConfig;
  readonly #http: Http;
  /** API requests need no discovery. */
  readonly #api: ServerEngine<OAuth2Token>;
  readonly #identify: ClientIdentifier;
  readonly #resource: CachedDocument<Resource>;
  readonly #engines = new BoundedCache<EngineAtServer>(mostEngines);

  constructor(config: OAuth2EngineConfig) {
    const { name, options, metadataTtl } = config;
    this.#config = config;
    this.#http = config.http.guarded(options.resource ?? '');
    this.#api = { engine: new OAuth2Engine({ ...config, http: this.#http }), options };
    this.#identify = new ClientIdentifier({ options, http: this.#http });
    this.#resource = new CachedDocument(() => this.#loadResource(), metadataTtl * 1000);
    this.verbs = {
      ...verbsAt(name, this),
      // Server metadata is available before this client is registered there.
      loadServerMetadata: () => this.#within(async () => (await this.#discover()).load()),
    };
  }

  readCallback(params: URLSearchParams): Awaitable<string | undefined> {
    return this.#api.engine.readCallback(params);
  }

  async start<P extends object>(params: P, redirectUri?: string): Promise<Start<OAuth2Token, P>> {
    if (redirectUri === undefined) return { ...(await this.of(undefined)), params };
    return await this.#within(() => this.#login(params, redirectUri));
  }

  async resume(data: AuthorizeData): Promise<ServerEngine<OAuth2Token>> {
    return await this.#within(() => this.#ready(data, 'login'));
  }

  async of(token: OAuth2Token | undefined): Promise<ServerEngine<OAuth2Token>> {
    return await this.#within(() => this.#ready(token ? originOf(token) : {}, 'token'));
  }

  async api(): Promise<ServerEngine<OAuth2Token>> {
    return this.#api;
  }

  async #within<R>(run: () => Promise<R>): Promise<R> {
    return await trace({ client: this.#config.name, phase: 'metadata' }, run);
  }

  async #loadResource(): Promise<Resource> {
    const { name, options, metadataTtl: ttl } = this.#config;
    const http = this.#http;
    const facts =
      (await readResource(http, options.resource ?? '')) ?? (await this.#configuredFacts());
    const named = await this.#chooseIssuer(facts.authorizationServers);
    const issuer = [...spellings(named)];
    const known = { ...engineOptions(options, { facts, issuer: named }, {}), issuer };
    const load = createMetadata({ name, options: known, http, openid: true, ttl });
    return { facts, named, load };
  }

  /** From here on, the issuer is compared with the server's metadata character by character. */
  async #discover(): Promise<Found> {
    const { facts, named, load } = await this.#resource.fresh();
    const { issuer = named } = await load();
    return { facts, issuer, load };
  }

  /** Returns the configured server, for a resource without metadata. */
  async #configuredFacts(): Promise<ResourceFacts> {
    const { name, options, http, metadataTtl: ttl } = this.#config;
    const { issuer: configured, resource = '', serverMetadataUrl } = options;
    if (typeof configured === 'string' || serverMetadataUrl !== undefined) {
      const load = createMetadata({ name, options, http, openid: true, ttl });
      const { issuer = configured } = await load();
      if (typeof issuer === 'string') {
        return { resource, authorizationServers: [issuer], scope: undefined };
      }
    }
    throw new OAuthError(
      'invalid_metadata',
      'The resource has no protected resource metadata (RFC 9728 §3), so its authorization ' +
        'server is unknown. Set "issuer" or "serverMetadataUrl" as well.',
    );
  }

  async #chooseIssuer(issuers: readonly string[]): Promise<string> {
    const { issuer, chooseAuthorizationServer: choose } = this.#config.options;
    const wanted = choose ? [await choose(issuers)] : [issuer ?? issuers].flat();
    const fitting = issuers.filter((one) => wanted.some((other) => isSameIssuer(one, other)));
    if (fitting.length === 1) {
      return checkMetadataUrl(fitting[0], { http: this.#http, name: 'authorization_servers' });
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

  async #engineAt(found: Found, need: ClientNeed): Promise<EngineAtServer> {
    const { options } = this.#config;
    const { facts, issuer, load } = found;
    const { client } = await this.#identify.find(issuer, load, need);
    const key = JSON.stringify([facts, issuer, client]);
    const known = this.#engines.get(key);
    if (known) return known;
    const own = { http: this.#http, load, options: engineOptions(options, found, client) };
    const engine = new BoundEngine({ ...this.#config, ...own }, { scope: options.scope });
    const created = { engine, options, remember: { issuer, ...ownClient(client, options) } };
    this.#engines.set(key, created);
    return created;
  }

  async #login<P extends { scope?: unknown }>(
    params: P,
    redirectUri: string,
  ): Promise<Start<OAuth2Token, P>> {
    const { options } = this.#config;
    const found = await this.#discover();
    const { facts, load } = found;
    checkPkce(await load(), options);
    const { scope: given = options.scope ?? facts.scope } = params;
    const scope = scopeText(given as RegisterOptions['scope']);
    const created = await this.#engineAt(found, { redirectUri, scope });
    // The scope of the challenge may change before the callback, so it is stored with this login.
    const asked = scope === undefined ? {} : { scope };
    return { ...created, params, remember: { ...created.remember, ...asked } };
  }

  /**
   * Returns the engine of a login or a token: at its own server, even if the resource now lists
   * another.
   */
  async #ready(from: Origin, what: 'login' | 'token'): Promise<ServerEngine<OAuth2Token>> {
    const found = await this.#discover();
    if (from.issuer === undefined ? what === 'login' : from.issuer !== found.issuer) {
      throw changed(what);
    }
    return await this.#engineAt(found, { clientId: from.clientId });
  }
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
