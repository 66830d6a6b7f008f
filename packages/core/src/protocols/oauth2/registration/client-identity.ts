import { BoundedCache } from '../../../platform/bounded-cache.js';
import { nowSeconds } from '../../../platform/crypto.js';
import { isObject, withoutUndefined } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { readMoment } from '../../../platform/lifetime.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type {
  ClientRegistration,
  ClientRegistrations,
} from '../../../options/protected-resource.js';
import { asksForOpenId, scopeText } from '../../../platform/scope.js';
import { unionOfScopes } from '../endpoint/scopes.js';
import { usableEndpoint, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { applicationType, registerClient, signedResponseAlg } from './register.js';

/** The client at an authorization server, as options of `register()`. */
export type ClientAtServer = Pick<
  RegisterOptions,
  'clientId' | 'clientSecret' | 'tokenEndpointAuthMethod' | 'idTokenSignedResponseAlg'
>;

/** The client at an authorization server, and its registration if it was registered there. */
export interface FoundClient {
  client: ClientAtServer;
  registration?: ClientRegistration;
}

/** The purpose a client is needed for. */
export interface ClientNeed {
  /** Set when a login begins: the client may then be registered. */
  redirectUri?: string | undefined;
  /** The scope of the login, space-separated. */
  scope?: string | undefined;
  /** The client of a pending login or a token. */
  clientId?: string | undefined;
}

/** Configuration of the client resolution. */
export interface ClientIdentifierConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** A custom registration at the server; `never` to disable registration. */
  register?: ((wanted: WantedClient) => Promise<ClientRegistration>) | 'never' | undefined;
}

/** Requirements of a registration. */
export interface WantedClient {
  redirectUris: readonly string[];
  /** Space-separated; `undefined` if no scope is requested. */
  scope: string | undefined;
}

/** Maximum number of registrations, because users choose the servers. */
const mostRegistrations = 10_000;

/** Maximum total bytes of registrations, because a server's response may be long. */
const registrationBytes = 16_777_216;

/**
 * Creates an in-memory store of registrations: the most recently used ones, with only the fields in
 * use.
 */
export function rememberRegistrations(most: number = mostRegistrations): ClientRegistrations {
  const memory = new BoundedCache<ClientRegistration>(most, registrationBytes);
  return {
    get: (issuer) => memory.get(issuer),
    put: (issuer, made) => {
      const { former } = made;
      const stored = { ...essence(made), ...(former ? { former } : {}) };
      memory.set(issuer, stored);
    },
  };
}

/**
 * Resolves a client at a discovered server: the registered client id, its metadata
 * document if the server supports these, or a dynamic registration, which is made once and stored.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 * @see https://www.rfc-editor.org/rfc/rfc7591
 */
export class ClientIdentifier {
  readonly #config: ClientIdentifierConfig;
  readonly #store: ClientRegistrations;
  readonly #configuredScope: string | undefined;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(config: ClientIdentifierConfig) {
    const { options } = config;
    this.#config = config;
    this.#store = options.clientRegistrations ?? rememberRegistrations();
    this.#configuredScope = scopeText(
      options.clientMetadata?.['scope'] as RegisterOptions['scope'],
    );
  }

  /** Returns the client for a purpose. With a redirect URI, it may be registered. */
  async find(issuer: string, load: LoadMetadata, need: ClientNeed = {}): Promise<FoundClient> {
    const { clientId, clientSecret, tokenEndpointAuthMethod } = this.#config.options;
    if (clientId !== undefined)
      return { client: { clientId, clientSecret, tokenEndpointAuthMethod } };
    const known = await this.#stored(issuer, need);
    if (known) return this.#registered(known);
    return await this.#inTurn(() => this.#search(issuer, load, need));
  }

  /** Registers again at a server that no longer knows the client. */
  async renew(issuer: string, load: LoadMetadata, clientId: string): Promise<void> {
    await this.#inTurn(async () => {
      const metadata = await load();
      const current = await this.#store.get(issuer);
      if (current?.client_id !== clientId || !this.#canRegister(metadata)) return;
      const need = { scope: unionOfScopes(current.scope), forgotten: clientId };
      await this.#register(issuer, metadata, need);
    });
  }

  /**
   * Returns the stored, unexpired clients, newest first. Databases return `null` for missing
   * values.
   */
  async #clientsAt(issuer: string): Promise<ClientRegistration[]> {
    const newest = (await this.#store.get(issuer)) ?? undefined;
    return newest ? [newest, ...formerOf(newest)].filter((client) => !isOver(client)) : [];
  }

  async #stored(issuer: string, need: ClientNeed): Promise<ClientRegistration | undefined> {
    const clients = await this.#clientsAt(issuer);
    const { redirectUri, clientId } = need;
    if (redirectUri === undefined) {
      return clients.find((client) => client.client_id === clientId) ?? clients[0];
    }
    const scope = unionOfScopes(this.#configuredScope, need.scope);
    return clients.find(
      (client) => (client.redirect_uris?.includes(redirectUri) ?? true) && hasScope(client, scope),
    );
  }

  /** Registers for all redirect URIs and scopes configured or used so far. */
  async #register(
    issuer: string,
    metadata: ServerMetadata,
    { redirectUri, scope, forgotten }: Omit<ClientNeed, 'clientId'> & { forgotten?: string },
  ): Promise<ClientRegistration> {
    const clients = await this.#clientsAt(issuer);
    const [known] = clients;
    const others = clients.filter(({ client_id: id }) => id !== forgotten);
    // Scopes are merged to need few registrations; a preset with a custom registration sets its
    // own.
    const before = typeof this.#config.register === 'function' ? undefined : known?.scope;
    const wanted = {
      redirectUris: [
        ...new Set([
          ...configuredRedirectUris(this.#config.options),
          ...(known?.redirect_uris ?? []),
          ...(redirectUri ? [redirectUri] : []),
        ]),
      ],
      scope: unionOfScopes(this.#configuredScope, before, scope),
    };
    const made = await (typeof this.#config.register === 'function'
      ? this.#config.register(wanted)
      : this.#registerAt(metadata, wanted));
    const registration = withoutUndefined({
      ...made,
      // Servers echo both in their own spelling; the requested values are compared next time.
      redirect_uris: wanted.redirectUris,
      scope: wanted.scope ?? made.scope ?? '',
      former: others.length > 0 ? others.slice(0, mostFormer).map(essence) : undefined,
    }) as ClientRegistration;
    await this.#store.put(issuer, registration);
    return registration;
  }

  async #registerAt(metadata: ServerMetadata, wanted: WantedClient): Promise<ClientRegistration> {
    const { options, http } = this.#config;
    const asked = clientMetadata(options, metadata, wanted);
    const endpoint = String(metadata['registration_endpoint']);
    const made = await registerClient(http, { endpoint, metadata: asked });
    const method = registeredMethod(made, String(asked['token_endpoint_auth_method']), metadata);
    return { ...made, token_endpoint_auth_method: method };
  }

  #registered(registration: ClientRegistration): FoundClient {
    return { client: fromRegistration(registration, this.#config.options), registration };
  }

  async #search(issuer: string, load: LoadMetadata, need: ClientNeed): Promise<FoundClient> {
    const known = await this.#stored(issuer, need);
    if (known) return this.#registered(known);
    const metadata = await load();
    const { options } = this.#config;
    const { clientIdMetadataUrl } = options;
    if (clientIdMetadataUrl && metadata['client_id_metadata_document_supported'] === true) {
      const client = {
        clientId: clientIdMetadataUrl,
        tokenEndpointAuthMethod: methodOf(options),
      };
      return { client };
    }
    const { redirectUri } = need;
    if (redirectUri !== undefined && this.#canRegister(metadata)) {
      return this.#registered(await this.#register(issuer, metadata, need));
    }
    throw this.#config.register === 'never' ? noStoredRegistration() : unknownHere(redirectUri);
  }

  #canRegister(metadata: ServerMetadata): boolean {
    const { register } = this.#config;
    if (register !== undefined) return register !== 'never';
    return usableEndpoint(metadata, 'registration_endpoint') !== undefined;
  }

  /** Runs one after the other, so that waiting callers find the first one's registration. */
  async #inTurn<T>(run: () => Promise<T>): Promise<T> {
    const found = this.#turn.then(run);
    this.#turn = found.catch(() => undefined);
    return await found;
  }
}

/**
 * Returns the redirect URIs of the configured metadata. Each one added later requires another
 * client.
 */
function configuredRedirectUris({
  clientMetadata: configured,
}: Readonly<RegisterOptions>): string[] {
  return [configured?.['redirect_uris'] ?? []].flat().map(String);
}

/** Returns the authentication method of a client without a secret: by its key, if it has one. */
function methodOf(options: Readonly<RegisterOptions>): string {
  const { tokenEndpointAuthMethod: method, privateKey } = options;
  return method ?? (privateKey === undefined ? 'none' : 'private_key_jwt');
}

/** Authentication methods with a secret, the preferred one first. */
const secretMethods = ['client_secret_post', 'client_secret_basic'];

/**
 * Returns the method to request: `none` if sufficient. Metadata without a list means Basic (RFC
 * 8414 §2).
 */
function askedMethod(options: Readonly<RegisterOptions>, metadata: ServerMetadata): string {
  const { tokenEndpointAuthMethod: configured } = options;
  return configured ?? firstListed(metadata, ['none', ...secretMethods]);
}

function firstListed(metadata: ServerMetadata, methods: readonly string[]): string {
  const listed: unknown = metadata['token_endpoint_auth_methods_supported'];
  const found = Array.isArray(listed) && methods.find((method) => listed.includes(method));
  return found || 'client_secret_basic';
}

/** Returns the registered method, if the server's response does not contain it. */
function registeredMethod(
  made: ClientRegistration,
  asked: string,
  metadata: ServerMetadata,
): string {
  const { client_secret: secret, token_endpoint_auth_method: method } = made;
  if (typeof method === 'string') return method;
  if (secret === undefined) return asked.startsWith('client_secret_') ? 'none' : asked;
  return asked === 'none' ? firstListed(metadata, secretMethods) : asked;
}

function clientMetadata(
  options: Readonly<RegisterOptions>,
  metadata: ServerMetadata,
  { redirectUris, scope }: WantedClient,
): Record<string, unknown> {
  return withoutUndefined({
    ...applicationType(redirectUris),
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: askedMethod(options, metadata),
    ...options.clientMetadata,
    redirect_uris: redirectUris,
    scope,
  });
}

/** Maximum number of earlier clients per issuer, for pending logins and refreshes. */
const mostFormer = 10;

/** Returns the fields needed to use the client again. */
function essence(client: ClientRegistration): ClientRegistration {
  return withoutUndefined({
    client_id: client.client_id,
    client_secret: client.client_secret,
    client_secret_expires_at: client.client_secret_expires_at,
    token_endpoint_auth_method: client.token_endpoint_auth_method,
    id_token_signed_response_alg: client['id_token_signed_response_alg'],
    redirect_uris: client.redirect_uris,
    scope: client.scope,
  }) as ClientRegistration;
}

function formerOf({ former }: ClientRegistration): ClientRegistration[] {
  return Array.isArray(former)
    ? former.filter((one) => isObject(one) && typeof one['client_id'] === 'string')
    : [];
}

/** Whether a registration covers a scope. One without a scope covers any. */
function hasScope({ scope }: ClientRegistration, wanted = ''): boolean {
  if (typeof scope !== 'string') return true;
  const there = scope.split(' ');
  return wanted.split(' ').every((one) => one === '' || there.includes(one));
}

/** Whether the client secret has expired; 0 means never (RFC 7591 §3.2.1). */
function isOver({ client_secret_expires_at: value }: ClientRegistration): boolean {
  const end = readMoment(value);
  // An unreadable value counts as valid until the server rejects the client.
  return typeof end === 'number' && end !== 0 && end <= nowSeconds();
}

/** Returns the client id to store with a login and its token, if it was registered dynamically. */
export function ownClient(
  { clientId }: ClientAtServer,
  options: Readonly<RegisterOptions>,
): { clientId?: string } {
  const isConfigured = clientId === options.clientId || clientId === options.clientIdMetadataUrl;
  return isConfigured || clientId === undefined ? {} : { clientId };
}

/** Converts a registration to options of `register()`. */
export function fromRegistration(
  registration: ClientRegistration,
  options: Readonly<RegisterOptions>,
): ClientAtServer {
  const {
    tokenEndpointAuthMethod: configured,
    idTokenSignedResponseAlg,
    scope,
    clientMetadata: asked,
  } = options;
  const { client_id: clientId, client_secret: clientSecret } = registration;
  const method = registration.token_endpoint_auth_method;
  const usual = clientSecret === undefined ? 'none' : configured;
  const pinned = asksForOpenId(scope) && idTokenSignedResponseAlg === undefined;
  return {
    clientId,
    clientSecret,
    tokenEndpointAuthMethod: method ?? usual,
    ...(pinned ? { idTokenSignedResponseAlg: signedResponseAlg(registration, asked) } : {}),
  };
}

function noStoredRegistration(): OAuthError {
  return new OAuthError(
    'invalid_server',
    'There is no client at the chosen server. Register one there and return it from ' +
      '"clientRegistrations", or set "clientMetadata" to register dynamically (RFC 7591).',
  );
}

function unknownHere(redirectUri: string | undefined): OAuthError {
  return new OAuthError(
    'invalid_options',
    redirectUri === undefined
      ? 'No client is registered at the authorization server yet. Log in first, and share the ' +
          '"clientRegistrations" store between processes.'
      : 'The authorization server supports neither client metadata documents ' +
          '("clientIdMetadataUrl") nor dynamic registration. Register the client there by hand, ' +
          'and set "clientId".',
  );
}
