import { Cache } from '../../../platform/bounded-cache.js';
import { now } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import { isSameIssuer, spellings } from '../../../platform/issuer-url.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { scopeText } from '../../../options/scope.js';
import { placed } from '../../../platform/tracing/phases.js';
import type { AuthorizeParams, OAuth2Token, RemoteApp } from '../../../model/types.js';
import { createOAuth2App, type OAuth2AppConfig } from '../engine.js';
import {
  createClientIdentifier,
  ownClient,
  type ClientNeed,
  type FoundClient,
} from '../registration/client-identity.js';
import { foundApp, originOf, type Origin } from './engine.js';
import { createMetadata, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { checkAddress, readResource, type ResourceFacts } from './resource-metadata.js';

type Engine = RemoteApp<OAuth2Token>;

/** What was found out about a resource. */
interface Found {
  facts: ResourceFacts;
  /** Its authorization server, as that spells itself. */
  issuer: string;
  /** Loads the metadata of the authorization server. */
  load: LoadMetadata;
}

/** Milliseconds before a failed discovery is tried again. */
const pause = 5000;

/** Engines of one client: it may have registered anew for more scope, and logins under way go on. */
const mostEngines = 20;

/**
 * Binds the OAuth 2 engine to a client that was told the address of a protected resource. The rest is
 * found out on first use, once for all who wait; then an ordinary engine does the work, with what was
 * found as its options.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9728
 * @see https://www.rfc-editor.org/rfc/rfc8707
 */
export function createResourceApp(config: OAuth2AppConfig): RemoteApp<OAuth2Token> {
  const { name, options, metadataTtl } = config;
  const address = options.resource ?? '';
  const http = config.http.guarded(address);
  // What needs no provider: reading callbacks, and calling the resource with a token that is there.
  const plain = createOAuth2App({ ...config, http });
  const engines = new Cache<Engine>(mostEngines);
  const identify = createClientIdentifier({ options, http });
  const search = remembered(metadataTtl, async () => {
    const facts = (await readResource(http, address)) ?? (await toldFacts());
    const named = await chooseIssuer(facts.authorizationServers);
    const issuer = [...spellings(named)];
    const known = { ...engineOptions(options, { facts, issuer: named }, {}), issuer };
    return {
      facts,
      named,
      load: createMetadata({ name, options: known, http, openid: true, ttl: metadataTtl }),
    };
  });

  /** From its own metadata on, the server's issuer is compared character by character. */
  async function discover(): Promise<Found> {
    const { facts, named, load } = await search();
    const { issuer = named } = await load();
    return { facts, issuer, load };
  }

  /** A resource that says nothing of its server has the one the application has named. */
  async function toldFacts(): Promise<ResourceFacts> {
    const { issuer: told, serverMetadataUrl } = options;
    if (typeof told === 'string' || serverMetadataUrl !== undefined) {
      const load = createMetadata({
        name,
        options,
        http: config.http,
        openid: true,
        ttl: metadataTtl,
      });
      const { issuer = told } = await load();
      if (typeof issuer === 'string') {
        return { resource: address, authorizationServers: [issuer], scope: undefined };
      }
    }
    throw new OAuthError(
      'invalid_metadata',
      'The resource says nothing of its authorization server: there is no protected resource metadata ' +
        '(RFC 9728 §3). If you know the server, give its "issuer" or "serverMetadataUrl", too.',
    );
  }

  async function chooseIssuer(issuers: readonly string[]): Promise<string> {
    const { issuer, chooseAuthorizationServer: choose } = options;
    const wanted = choose ? [await choose(issuers)] : [issuer ?? issuers].flat();
    const fitting = issuers.filter((one) => wanted.some((other) => isSameIssuer(one, other)));
    if (fitting.length === 1) {
      return checkAddress(fitting[0], { http, name: 'authorization_servers' });
    }
    throw new OAuthError(
      'invalid_options',
      fitting.length === 0
        ? 'The resource does not name the chosen authorization server. Choose one of those it names.'
        : 'The resource names several authorization servers. Choose one with "chooseAuthorizationServer".',
    );
  }

  async function engine(
    found: Found,
    need: ClientNeed,
  ): Promise<{ app: Engine; client: FoundClient }> {
    const { facts, issuer, load } = found;
    const client = await identify.find(issuer, load, need);
    const key = JSON.stringify([facts, issuer, client]);
    const known = engines.get(key);
    if (known) return { app: known, client };
    const engineConfig = { ...config, http, load, options: engineOptions(options, found, client) };
    const app = createOAuth2App(engineConfig);
    engines.set(key, app, Infinity);
    return { app, client };
  }

  const begin = placed(name, 'metadata', async (redirectUri: string, params: AuthorizeParams) => {
    const found = await discover();
    const { facts, issuer, load } = found;
    checkPkce(await load(), options);
    const { scope: given = options.scope ?? facts.scope } = params;
    const scope = scopeText(given as RegisterOptions['scope']);
    const { app, client } = await engine(found, { redirectUri, scope });
    // What the resource asks for may change before the callback, and belongs to this login.
    const asked = scope === undefined ? {} : { scope };
    return { app, params, remember: { issuer, ...asked, ...ownClient(client, options) } };
  });

  /** The engine of a login or a token: at the server it came from, even if the resource names another by now. */
  const ready = placed(name, 'metadata', async (from: Origin, what: 'login' | 'token') => {
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
    // What a server says of itself is there before this client is known to it.
    verbs: {
      ...found.verbs,
      loadServerMetadata: placed(name, 'metadata', async () => (await discover()).load()),
    },
    send: plain.send,
  };
}

function changed(what: 'login' | 'token'): OAuthError {
  return new OAuthError(
    'mismatching_issuer',
    what === 'login'
      ? 'The resource has changed its authorization server since this login began. Start again.'
      : 'The resource has changed its authorization server since this token was issued; the token was ' +
          'not sent to the new one. Log in again.',
  );
}

/**
 * Refuses a server that does not say it supports PKCE with S256: a client that registers by itself has
 * nobody who knows it otherwise. The option `pkce` says that the application does.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/security-considerations
 */
function checkPkce(metadata: ServerMetadata, { pkce }: Readonly<RegisterOptions>): void {
  const methods = metadata['code_challenge_methods_supported'];
  if (pkce !== undefined || (Array.isArray(methods) && methods.includes('S256'))) return;
  throw new OAuthError(
    'invalid_metadata',
    'The authorization server does not say that it supports PKCE: "code_challenge_methods_supported" in its ' +
      'metadata is missing or has no "S256", so that a code could be stolen on its way. If you know that it ' +
      'does, register the client with "pkce" set to "S256".',
  );
}

/** The options of an engine that knows its provider. */
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

/** Runs once for all who wait, and again when its result is old; a failure holds for a moment. */
function remembered<T>(ttl: number, run: () => Promise<T>): () => Promise<T> {
  let kept: { result: Promise<T>; until: number } | undefined;
  return () => {
    if (kept && now() < kept.until) return kept.result;
    const entry = { result: run(), until: now() + ttl * 1000 };
    entry.result.catch(() => (entry.until = now() + pause));
    kept = entry;
    return entry.result;
  };
}
