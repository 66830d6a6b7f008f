import { BoundedCache } from '../../../platform/bounded-cache.js';
import { CachedDocument } from '../../../platform/cached-document.js';
import { OAuthError } from '../../../model/errors.js';
import { isSameIssuer, spellings } from '../../../platform/issuer-url.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { scopeText } from '../../../options/scope.js';
import { traced } from '../../../platform/tracing/phases.js';
import type { AuthorizeParams, OAuth2Token, Engine } from '../../../model/types.js';
import { createOAuth2App, type OAuth2AppConfig } from '../engine.js';
import {
  createClientIdentifier,
  ownClient,
  type ClientNeed,
  type FoundClient,
} from '../registration/client-identity.js';
import { foundApp, originOf, type Origin } from './engine.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { checkMetadataUrl, readResource, type ResourceFacts } from './resource-metadata.js';

type OAuth2Engine = Engine<OAuth2Token>;

/** The discovered data of a resource. */
interface Found {
  facts: ResourceFacts;
  /** The authorization server's issuer, as in its own metadata. */
  issuer: string;
  /** Loads the authorization server metadata. */
  load: LoadMetadata;
}

/**
 * Maximum number of engines per client: it may register again for more scope while earlier logins
 * continue.
 */
const mostEngines = 20;

/**
 * Creates the OAuth 2 engine of a client for a protected resource. Discovery runs on first use,
 * shared by concurrent callers. The discovered data become options of an ordinary engine.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export function createResourceApp(config: OAuth2AppConfig): Engine<OAuth2Token> {
  const { name, options, metadataTtl } = config;
  const resourceUrl = options.resource ?? '';
  const http = config.http.guarded(resourceUrl);
  // The engine for tasks without a provider: reading callbacks, and API requests with an existing
  // token.
  const plain = createOAuth2App({ ...config, http });
  const engines = new BoundedCache<OAuth2Engine>(mostEngines);
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

  async function engine(
    found: Found,
    need: ClientNeed,
  ): Promise<{ app: OAuth2Engine; client: FoundClient }> {
    const { facts, issuer, load } = found;
    const client = await identify.find(issuer, load, need);
    const key = JSON.stringify([facts, issuer, client]);
    const known = engines.get(key);
    if (known) return { app: known, client };
    const engineConfig = { ...config, http, load, options: engineOptions(options, found, client) };
    const app = createOAuth2App(engineConfig);
    engines.set(key, app);
    return { app, client };
  }

  const begin = traced(name, 'metadata', async (redirectUri: string, params: AuthorizeParams) => {
    const found = await discover();
    const { facts, issuer, load } = found;
    checkPkce(await load(), options);
    const { scope: given = options.scope ?? facts.scope } = params;
    const scope = scopeText(given as RegisterOptions['scope']);
    const { app, client } = await engine(found, { redirectUri, scope });
    // The scope of the challenge may change before the callback, so it is stored with this login.
    const asked = scope === undefined ? {} : { scope };
    return { app, params, remember: { issuer, ...asked, ...ownClient(client, options) } };
  });

  /**
   * Returns the engine of a login or a token: at its own server, even if the resource now lists
   * another.
   */
  const ready = traced(name, 'metadata', async (from: Origin, what: 'login' | 'token') => {
    const found = await discover();
    if (from.issuer === undefined ? what === 'login' : from.issuer !== found.issuer) {
      throw changed(what);
    }
    return (await engine(found, { clientId: from.clientId })).app;
  });

  const found = foundApp({
    scope: options.scope,
    warn: config.warn,
    plain,
    begin,
    resume: (data) => ready(data, 'login'),
    home: (token) => ready(token ? originOf(token) : {}, 'token'),
    tie: async (token, { issuer, clientId }) => ({
      ...token,
      ...(issuer === undefined ? {} : { issuer }),
      ...(clientId === undefined ? {} : { client_id: clientId }),
    }),
  });
  return {
    ...found,
    // Server metadata is available before this client is registered there.
    verbs: {
      ...found.verbs,
      loadServerMetadata: traced(name, 'metadata', async () => (await discover()).load()),
    },
    send: plain.send,
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
  client: Partial<FoundClient>,
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
