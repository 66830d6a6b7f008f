import { OAuth } from '@oauth-registry/core';
import type { FrameworkClient } from '@oauth-registry/core/adapter';
import {
  replaceProviders,
  type ProviderReplacement,
  type ReplacedClient,
} from '@oauth-registry/core/replace-providers';
import type { OAuthErrorCode } from '@oauth-registry/core';
import type { ScriptedRequest } from '../scripted.js';
import type { MockedApi } from './api.js';
import { simulationOf } from './clients.js';
import { refuseProduction, requireLoopbackPeer } from './guard.js';
import { MockedProvider } from './provider.js';

/** The standard claims of the user who logs in, and any others. */
export interface MockedClaims {
  /** The user's identifier at the provider. */
  sub: string;
  name?: string;
  email?: string;
  email_verified?: boolean;
  picture?: string;
  [claim: string]: unknown;
}

/** The error code of a login that fails, as the provider sends it: `access_denied`, `server_error` and others. */
export type MockedError =
  Extract<OAuthErrorCode, 'access_denied' | 'login_required'> | (string & {});

/**
 * Who logs in with a client: claims, or an error code; or a function of the authorization URL, for example of its
 * `login_hint`.
 */
export type MockedLogin =
  | MockedClaims
  | MockedError
  | ((authorizationUrl: URL) => MockedClaims | MockedError | Promise<MockedClaims | MockedError>);

/** The names of the clients of a registry. */
export type ClientNames<Registry> = {
  [Name in keyof Registry]: Registry[Name] extends { kind: string; name: string } ? Name : never;
}[keyof Registry] &
  string;

/** Who logs in, by client; `*` is for clients without an entry. */
export type MockedLogins<Registry> = {
  readonly [Name in ClientNames<Registry> | '*']?: MockedLogin;
};

/** Options of {@link mockLogins}. */
export interface MockOptions<Registry> {
  /** The responses of the APIs, by client. */
  api?: { readonly [Name in ClientNames<Registry> | '*']?: MockedApi };
}

/** Mocked logins, until they are restored. `using` restores them at the end of its block. */
export interface MockedRegistry extends Disposable {
  /** The requests that a client has sent to its API, and for profiles. */
  requests(client: string): readonly ScriptedRequest[];
  /** Restores the real providers. */
  restore(): void;
}

/**
 * Replaces the providers of a registry for tests: the start of a login redirects straight to its callback. Pending
 * logins, sessions, routes, hooks and token stores run unchanged. A client without an entry logs in the recorded user
 * of its preset, whose profile has the format of the provider: names may be missing, and so may the email.
 *
 * Requests must come from this machine, and redirect URIs must point to it.
 *
 * @example
 * ```ts
 * using logins = mockLogins(oauth, { github: { sub: '1', name: 'Ada' }, google: 'access_denied' });
 * ```
 * @throws OAuthError `invalid_options` if `NODE_ENV` is `production`, unless `OAUTH_TEST_MODE` is `1`;
 *   `unknown_client` for an entry without a client
 */
export function mockLogins<Registry extends object>(
  oauth: Registry,
  logins: MockedLogins<Registry> = {},
  options: MockOptions<Registry> = {},
): MockedRegistry {
  refuseProduction('mockLogins()');
  const entries: Readonly<Record<string, MockedLogin | undefined>> = logins;
  const apis: Readonly<Record<string, MockedApi | undefined>> = options.api ?? {};
  for (const name of [...Object.keys(entries), ...Object.keys(apis)]) {
    if (name !== '*') (oauth as { createClient(name: string): unknown }).createClient(name);
  }
  const providers = new Map<string, MockedProvider>();
  const restore = replaceProviders(oauth, {
    check: requireLoopbackPeer,
    provider: (client) => {
      const { name } = client;
      const login = entries[name] ?? entries['*'];
      const provider = new MockedProvider({
        client,
        simulation: simulationOf(client, login === undefined),
        api: apis[name] ?? apis['*'],
        user: async (url) => await userOf(login, url),
      });
      providers.set(name, provider);
      return replacement(client, provider);
    },
  });
  return {
    requests: (client) => providers.get(client)?.requests ?? [],
    restore,
    [Symbol.dispose]: restore,
  };
}

async function userOf(
  login: MockedLogin | undefined,
  url: URL | undefined,
): Promise<MockedClaims | string | undefined> {
  if (typeof login !== 'function') return login;
  // No login started here, so no user is known.
  return url === undefined ? 'invalid_token' : await login(url);
}

/** A client of another registry, with a provider that needs no network. */
function replacement(client: ReplacedClient, provider: MockedProvider): ProviderReplacement {
  const name = /^[\w-]{1,64}$/.test(client.name) ? client.name : 'client';
  const mocked = new OAuth({ config: {}, fetch: provider.fetch }).register(name, provider.options);
  return {
    client: mocked.createClient(name) as FrameworkClient,
    login: (request, redirectUri) => provider.login(request, redirectUri),
    logout: (request) => provider.logout(request),
  };
}
