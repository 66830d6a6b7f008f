import { FrameworkClient } from '../client/client.js';
import type { OAuthOptions } from '../options/registry-options.js';
import type { OAuth1Token, OAuth2Token, OpenID2Token } from '../model/types.js';
import type { OAuth1Verbs } from '../protocols/oauth1/verbs.js';
import type { OAuth2Verbs } from '../protocols/oauth2/verbs.js';
import type { ClientsByName, ClientTypes } from './client-types.js';
import { Registry, type RegistryConstructor } from './registry.js';

class CoreRegistry extends Registry<CoreClients> {
  constructor(options: OAuthOptions = {}) {
    super(options, { Client: FrameworkClient });
  }
}

/** A client of an OAuth 1.0a provider, without a web framework. */
export type OAuth1Client = FrameworkClient<OAuth1Token> & OAuth1Verbs;

/** A client of an OAuth 2 or OpenID Connect provider, without a web framework. */
export type OAuth2Client = FrameworkClient<OAuth2Token> & OAuth2Verbs;

/** A client of an OpenID 2.0 provider, without a web framework. */
export type OpenID2Client = FrameworkClient<OpenID2Token>;

/**
 * The methods of a client known only by name, as returned by `createClient(name)` and
 * `loadClient(name)`: its `kind` determines which it has.
 *
 * @example
 * ```ts
 * const client = await oauth.loadClient(tenant);
 * if (client.kind === 'oauth2') await client.revokeToken(token);
 * ```
 */
export type AnyVerbs =
  | ({ readonly kind: 'oauth1' } & OAuth1Verbs)
  | ({ readonly kind: 'oauth2' } & OAuth2Verbs)
  | { readonly kind: 'openid2' };

/** The clients of the registry for scripts, workers and frameworks without an integration. */
export interface CoreClients extends ClientTypes {
  oauth1: OAuth1Client;
  oauth2: OAuth2Client;
  openid2: OpenID2Client;
  any: FrameworkClient & AnyVerbs;
  registry: OAuth<this['protocols']>;
}

/** A registry without a web framework, with its clients by name. */
export type OAuth<Protocols = unknown> = Registry<CoreClients, Protocols> &
  ClientsByName<CoreClients, Protocols>;

/**
 * The registry without a web framework, with the lower-level methods `createAuthorizationUrl` and
 * `fetchAccessToken` for the login.
 *
 * @example
 * ```ts
 * const oauth = new OAuth().register('corp', {
 *   clientId: 'app',
 *   clientSecret: 'secret',
 *   issuer: 'https://id.corp.example',
 *   scope: 'openid email',
 * });
 * const request = await oauth.corp.createAuthorizationUrl('https://app.example/callback');
 * // Redirect the user to request.url; later, with the callback URL:
 * const token = await oauth.corp.fetchAccessToken(callbackUrl, request);
 * ```
 */
export const OAuth: RegistryConstructor<CoreClients> = CoreRegistry as never;
