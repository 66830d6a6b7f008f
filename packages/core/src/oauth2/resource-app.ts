import { now } from '../crypto.js';
import { isObject } from '../encoding.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import { placed } from '../phases.js';
import type { OAuth2Token, RemoteApp } from '../types.js';
import { createOAuth2App, type OAuth2AppConfig } from './app.js';
import { checkAudience } from './audience.js';
import { createClientIdentifier, type FoundClient } from './client-identifier.js';
import { createMetadata } from './metadata.js';
import { checkAddress, readResource, type ResourceFacts } from './resource-metadata.js';

/** What was found out about a resource. */
interface Found extends ResourceFacts {
  issuer: string;
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
  const { name, options, http, metadataTtl } = config;
  const address = options.resource ?? '';
  // What needs no provider: reading callbacks, and calling the resource with a token that is there.
  const plain = createOAuth2App(config);
  const engines = new Map<string, RemoteApp<OAuth2Token>>();
  const identify = createClientIdentifier({ options, http });
  const discover = remembered(metadataTtl, async (): Promise<Found> => {
    const facts = await readResource(http, address);
    return { ...facts, issuer: await chooseIssuer(facts.authorizationServers) };
  });

  async function chooseIssuer(issuers: readonly string[]): Promise<string> {
    const { issuer, chooseAuthorizationServer: choose } = options;
    const wanted = choose ? [await choose(issuers)] : [issuer ?? issuers].flat();
    const fitting = issuers.filter((one) => wanted.includes(one));
    if (fitting.length === 1) {
      return checkAddress(fitting[0], { http, resource: address, name: 'authorization_servers' });
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
    const metadata = engineOptions(options, found, {});
    const load = createMetadata({ options: metadata, http, openid: true, ttl: metadataTtl });
    const client = await identify(found.issuer, load, redirectUri);
    const key = JSON.stringify([found, client.clientId]);
    const known = engines.get(key);
    if (known) return known;
    const made = createOAuth2App({ ...config, options: engineOptions(options, found, client) });
    engines.clear();
    engines.set(key, made);
    return made;
  }
  const ready = placed(name, 'metadata', engine);

  /** Refuses tokens that are another's as soon as they arrive. */
  async function checked(token: OAuth2Token): Promise<OAuth2Token> {
    checkAudience(token, await discover());
    return token;
  }

  /** A token goes to the server it came from, even if the resource names another one by now. */
  async function atHome(token: unknown): Promise<void> {
    if (!isObject(token) || typeof token['issuer'] !== 'string') return;
    if (token['issuer'] === (await discover()).issuer) return;
    throw new OAuthError(
      'mismatching_issuer',
      'The resource has changed its authorization server since this token was issued; the token was ' +
        'not sent to the new one. Log in again.',
    );
  }

  return {
    ...plain,
    verbs: Object.fromEntries(
      Object.keys(plain.verbs).map((verb) => [
        verb,
        async (...args: unknown[]) => {
          await atHome(args[0]);
          const verbs = (await ready()).verbs as Record<string, (...a: unknown[]) => unknown>;
          return await verbs[verb]?.(...args);
        },
      ]),
    ),
    renewal: {
      handle: (token) => plain.renewal?.handle(token),
      refresh: async (token) => {
        await atHome(token);
        const fresh = await (await ready()).renewal?.refresh(token);
        return await checked(fresh ?? token);
      },
    },
    createAuthorizationUrl: async (redirectUri, params) => {
      const request = await (await ready(redirectUri)).createAuthorizationUrl(redirectUri, params);
      return { ...request, issuer: (await discover()).issuer };
    },
    openResponse: async (params, data) =>
      (await (await ready(data.redirectUri)).openResponse?.(params, data)) ?? params,
    checkSender: async (params, data) => {
      const app = await ready(data.redirectUri);
      if (data.issuer === (await discover()).issuer) return await app.checkSender(params, data);
      throw new OAuthError(
        'mismatching_issuer',
        'The resource has changed its authorization server since this login began. Start again.',
      );
    },
    exchange: async (params, data, exchangeOptions) => {
      const app = await ready(data.redirectUri);
      const token = await checked(await app.exchange(params, data, exchangeOptions));
      return { ...token, issuer: data.issuer };
    },
    fetchProfile: async (token) => {
      await atHome(token);
      return await (await ready()).fetchProfile(token);
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
  { resource, issuer, scope }: Found,
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
