import { now } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import { placed } from '../phases.js';
import type { OAuth2Token, RemoteApp } from '../types.js';
import { createOAuth2App, type OAuth2AppConfig } from './app.js';
import { checkAudience } from './audience.js';
import { createClientIdentifier, type FoundClient } from './client-identifier.js';
import { foundApp } from './found-app.js';
import { createMetadata, type LoadMetadata } from './metadata.js';
import { checkAddress, readResource, type ResourceFacts } from './resource-metadata.js';

/** What was found out about a resource. */
interface Found {
  facts: ResourceFacts;
  issuer: string;
  /** Loads the metadata of the authorization server. */
  load: LoadMetadata;
}

/** Milliseconds before a failed discovery is tried again. */
const pause = 5000;

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
  const engines = new Map<string, RemoteApp<OAuth2Token>>();
  const identify = createClientIdentifier({ options, http });
  const discover = remembered(metadataTtl, async (): Promise<Found> => {
    const facts = (await readResource(http, address)) ?? (await toldFacts());
    const issuer = await chooseIssuer(facts.authorizationServers);
    const known = engineOptions(options, { facts, issuer }, {});
    const load = createMetadata({ options: known, http, openid: true, ttl: metadataTtl });
    return { facts, issuer, load };
  });

  /** A resource that says nothing of its server has the one the application has named. */
  async function toldFacts(): Promise<ResourceFacts> {
    const { issuer: told, serverMetadataUrl } = options;
    if (typeof told === 'string' || serverMetadataUrl !== undefined) {
      const load = createMetadata({ options, http: config.http, openid: true, ttl: metadataTtl });
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
    const fitting = issuers.filter((one) => wanted.includes(one));
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

  async function engine(redirectUri?: string): Promise<RemoteApp<OAuth2Token>> {
    const found = await discover();
    const { facts, issuer, load } = found;
    const client = await identify.find(issuer, load, redirectUri);
    const key = JSON.stringify([facts, issuer, client.clientId]);
    const known = engines.get(key);
    if (known) return known;
    const made = createOAuth2App({
      ...config,
      http,
      load,
      options: engineOptions(options, found, client),
    });
    engines.clear();
    engines.set(key, made);
    return made;
  }
  const ready = placed(name, 'metadata', engine);

  /** A token goes to the server it came from, even if the resource names another one by now. */
  async function atHome(token: OAuth2Token | undefined): Promise<void> {
    if (typeof token?.['issuer'] !== 'string') return;
    if (token['issuer'] === (await discover()).issuer) return;
    throw new OAuthError(
      'mismatching_issuer',
      'The resource has changed its authorization server since this token was issued; the token was ' +
        'not sent to the new one. Log in again.',
    );
  }

  const found = foundApp({
    plain,
    begin: async (redirectUri, params) => {
      const app = await ready(redirectUri);
      return { app, params, remember: { issuer: (await discover()).issuer } };
    },
    resume: async (data) => {
      const app = await ready(data.redirectUri);
      if (data.issuer === (await discover()).issuer) return app;
      throw new OAuthError(
        'mismatching_issuer',
        'The resource has changed its authorization server since this login began. Start again.',
      );
    },
    home: async (token) => {
      await atHome(token);
      return await ready();
    },
    tie: async (token, { issuer }) => {
      const { facts, issuer: expected } = await discover();
      checkAudience(token, { resource: facts.resource, issuer: expected });
      return { ...token, ...(issuer === undefined ? {} : { issuer }) };
    },
  });
  return {
    ...found,
    // What a server says of itself is there before this client is known to it.
    verbs: {
      ...found.verbs,
      loadServerMetadata: placed(name, 'metadata', async () => (await discover()).load()),
    },
    send: async (request, token, signal) => {
      if (token) checkAudience(token, { resource: address });
      return await plain.send(request, token, signal);
    },
  };
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
