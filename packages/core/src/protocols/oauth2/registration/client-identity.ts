import { Cache } from '../../../platform/bounded-cache.js';
import { nowSeconds } from '../../../platform/crypto.js';
import { isObject, withoutUndefined } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import { readMoment } from '../../../platform/lifetime.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type {
  ClientRegistration,
  ClientRegistrations,
} from '../../../options/protected-resource-types.js';
import { asksForOpenId, scopeText } from '../../../options/scope.js';
import { usableEndpoint, type LoadMetadata, type ServerMetadata } from '../discovery/metadata.js';
import { applicationType, registerClient, signedResponseAlg } from './register.js';

/** Who this client is at an authorization server. */
export type FoundClient = Pick<
  RegisterOptions,
  'clientId' | 'clientSecret' | 'tokenEndpointAuthMethod' | 'idTokenSignedResponseAlg'
>;

/** What a client is needed for. */
export interface ClientNeed {
  /** Given when a login begins: the client may be registered for it. */
  redirectUri?: string | undefined;
  /** The scope that login asks for, space separated. */
  scope?: string | undefined;
  /** The client that a login began with, or that a token was issued to. */
  clientId?: string | undefined;
}

/** Finds out who this client is. */
export interface ClientIdentifier {
  find(issuer: string, load: LoadMetadata, need?: ClientNeed): Promise<FoundClient>;
  /** Registers anew where a server has forgotten the client that was registered there. */
  renew(issuer: string, load: LoadMetadata, clientId: string): Promise<void>;
}

/** What decides who a client is. */
export interface ClientIdentifierConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Registers at a server in a way of its own; `never` if it may not. */
  register?: ((wanted: WantedClient) => Promise<ClientRegistration>) | 'never' | undefined;
}

/** What a registration is to be for. */
export interface WantedClient {
  redirectUris: readonly string[];
  /** Space separated; `undefined` if no scope is asked for. */
  scope: string | undefined;
}

/** People name servers, and each of them may be one more registration. */
const mostRegistrations = 10_000;

/** Bytes of their texts, all together: a server may answer with a long one. */
const registrationBytes = 16_777_216;

/** Stores registrations as long as the process lives: those that were used last, and what is used of them. */
export function rememberRegistrations(most: number = mostRegistrations): ClientRegistrations {
  const memory = new Cache<ClientRegistration>(most, registrationBytes);
  return {
    get: (issuer) => memory.get(issuer),
    put: (issuer, made) => {
      const { former } = made;
      const kept = { ...essence(made), ...(former ? { former } : {}) };
      memory.set(issuer, kept, Infinity);
    },
  };
}

/**
 * Decides who a client is at an authorization server it was not told of: the registered id, its metadata
 * document where the server reads such, or a client that it registers itself, once, and keeps.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 * @see https://www.rfc-editor.org/rfc/rfc7591
 */
export function createClientIdentifier(config: ClientIdentifierConfig): ClientIdentifier {
  const { options, http } = config;
  const store = options.clientRegistrations ?? rememberRegistrations();
  const toldScope = scopeText(options.clientMetadata?.['scope'] as RegisterOptions['scope']);
  let turn: Promise<unknown> = Promise.resolve();

  /** The clients that are stored and still good, the newest first; databases say `null` for nothing. */
  async function clientsAt(issuer: string): Promise<ClientRegistration[]> {
    const newest = (await store.get(issuer)) ?? undefined;
    return newest ? [newest, ...formerOf(newest)].filter((client) => !isOver(client)) : [];
  }

  async function stored(issuer: string, need: ClientNeed): Promise<ClientRegistration | undefined> {
    const clients = await clientsAt(issuer);
    const { redirectUri, clientId } = need;
    if (redirectUri === undefined) {
      return clients.find((client) => client.client_id === clientId) ?? clients[0];
    }
    const scope = union(toldScope, need.scope);
    return clients.find(
      (client) => (client.redirect_uris?.includes(redirectUri) ?? true) && hasScope(client, scope),
    );
  }

  /** Registers for every redirect URI and scope that was told of or used so far. */
  async function register(
    issuer: string,
    metadata: ServerMetadata,
    { redirectUri, scope, forgotten }: Omit<ClientNeed, 'clientId'> & { forgotten?: string },
  ): Promise<ClientRegistration> {
    const clients = await clientsAt(issuer);
    const [known] = clients;
    const others = clients.filter(({ client_id: id }) => id !== forgotten);
    // Scope adds up, so that few registrations are needed; a preset with a way of its own asks for what it needs.
    const before = typeof config.register === 'function' ? undefined : known?.scope;
    const wanted = {
      redirectUris: [
        ...new Set([
          ...toldRedirectUris(options),
          ...(known?.redirect_uris ?? []),
          ...(redirectUri ? [redirectUri] : []),
        ]),
      ],
      scope: union(toldScope, before, scope),
    };
    const made = await (typeof config.register === 'function'
      ? config.register(wanted)
      : registerAt(metadata, wanted));
    const registration = withoutUndefined({
      ...made,
      // Servers echo both in their own spelling; those that were asked for are looked for next time.
      redirect_uris: wanted.redirectUris,
      scope: wanted.scope ?? made.scope ?? '',
      former: others.length > 0 ? others.slice(0, mostFormer).map(essence) : undefined,
    }) as ClientRegistration;
    await store.put(issuer, registration);
    return registration;
  }

  async function registerAt(
    metadata: ServerMetadata,
    wanted: WantedClient,
  ): Promise<ClientRegistration> {
    const asked = clientMetadata(options, metadata, wanted);
    const endpoint = String(metadata['registration_endpoint']);
    const made = await registerClient(http, { endpoint, metadata: asked });
    const method = registeredMethod(made, String(asked['token_endpoint_auth_method']), metadata);
    return { ...made, token_endpoint_auth_method: method };
  }

  const search: ClientIdentifier['find'] = async (issuer, load, need = {}) => {
    const known = await stored(issuer, need);
    if (known) return fromRegistration(known, options);
    const metadata = await load();
    const { clientIdMetadataUrl } = options;
    if (clientIdMetadataUrl && metadata['client_id_metadata_document_supported'] === true) {
      return { clientId: clientIdMetadataUrl, tokenEndpointAuthMethod: methodOf(options) };
    }
    const { redirectUri } = need;
    if (redirectUri !== undefined && canRegister(metadata)) {
      return fromRegistration(await register(issuer, metadata, need), options);
    }
    throw config.register === 'never' ? noneKept() : unknownHere(redirectUri);
  };

  function canRegister(metadata: ServerMetadata): boolean {
    if (config.register !== undefined) return config.register !== 'never';
    return usableEndpoint(metadata, 'registration_endpoint') !== undefined;
  }

  /** One after the other, so that those who wait find what the first one registered. */
  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const found = turn.then(run);
    turn = found.catch(() => undefined);
    return await found;
  }

  return {
    async find(issuer, load, need = {}) {
      const { clientId, clientSecret, tokenEndpointAuthMethod } = options;
      if (clientId !== undefined) return { clientId, clientSecret, tokenEndpointAuthMethod };
      const known = await stored(issuer, need);
      if (known) return fromRegistration(known, options);
      return await inTurn(() => search(issuer, load, need));
    },
    async renew(issuer, load, clientId) {
      await inTurn(async () => {
        const metadata = await load();
        const current = await store.get(issuer);
        if (current?.client_id === clientId && canRegister(metadata))
          await register(issuer, metadata, { scope: union(current.scope), forgotten: clientId });
      });
    },
  };
}

/** Those that the application knows it will use: each one more, later, makes another client. */
function toldRedirectUris({ clientMetadata: told }: Readonly<RegisterOptions>): string[] {
  return [told?.['redirect_uris'] ?? []].flat().map(String);
}

/** A client without a secret proves itself with its key, if it has one. */
function methodOf(options: Readonly<RegisterOptions>): string {
  const { tokenEndpointAuthMethod: method, privateKey } = options;
  return method ?? (privateKey === undefined ? 'none' : 'private_key_jwt');
}

/** Methods that send a secret, the preferred one first. */
const secretMethods = ['client_secret_post', 'client_secret_basic'];

/** The method to ask for: none where that is enough. Metadata without a list means Basic (RFC 8414 §2). */
function askedMethod(options: Readonly<RegisterOptions>, metadata: ServerMetadata): string {
  const { tokenEndpointAuthMethod: told } = options;
  return told ?? firstListed(metadata, ['none', ...secretMethods]);
}

function firstListed(metadata: ServerMetadata, methods: readonly string[]): string {
  const listed: unknown = metadata['token_endpoint_auth_methods_supported'];
  const found = Array.isArray(listed) && methods.find((method) => listed.includes(method));
  return found || 'client_secret_basic';
}

/** The method a client was registered with, if the server does not say so. */
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

/** Clients of an issuer beside the newest one: logins that began with them end, and their tokens refresh. */
const mostFormer = 10;

/** What is needed to be a client again. */
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

function union(...scopes: unknown[]): string | undefined {
  const texts = scopes.filter((scope) => typeof scope === 'string');
  return [...new Set(texts.join(' ').split(' ').filter(Boolean))].join(' ') || undefined;
}

/** A registration that does not say its scope is for any. */
function hasScope({ scope }: ClientRegistration, wanted = ''): boolean {
  if (typeof scope !== 'string') return true;
  const there = scope.split(' ');
  return wanted.split(' ').every((one) => one === '' || there.includes(one));
}

/** RFC 7591 §3.2.1: 0 means never. */
function isOver({ client_secret_expires_at: value }: ClientRegistration): boolean {
  const end = readMoment(value);
  // What cannot be read is used until the server refuses the client.
  return typeof end === 'number' && end !== 0 && end <= nowSeconds();
}

/** The client's id, if it registered itself: what a login and its token remember of it. */
export function ownClient(
  { clientId }: FoundClient,
  options: Readonly<RegisterOptions>,
): { clientId?: string } {
  const isTold = clientId === options.clientId || clientId === options.clientIdMetadataUrl;
  return isTold || clientId === undefined ? {} : { clientId };
}

/** A registration, as options of `register()`. */
export function fromRegistration(
  registration: ClientRegistration,
  options: Readonly<RegisterOptions>,
): FoundClient {
  const {
    tokenEndpointAuthMethod: told,
    idTokenSignedResponseAlg,
    scope,
    clientMetadata: asked,
  } = options;
  const { client_id: clientId, client_secret: clientSecret } = registration;
  const method = registration.token_endpoint_auth_method;
  const usual = clientSecret === undefined ? 'none' : told;
  const pinned = asksForOpenId(scope) && idTokenSignedResponseAlg === undefined;
  return {
    clientId,
    clientSecret,
    tokenEndpointAuthMethod: method ?? usual,
    ...(pinned ? { idTokenSignedResponseAlg: signedResponseAlg(registration, asked) } : {}),
  };
}

function noneKept(): OAuthError {
  return new OAuthError(
    'invalid_server',
    'There is no client at the chosen server: register one there, and let "clientRegistrations" return it; ' +
      'or describe your application with "clientMetadata", and it registers itself (RFC 7591).',
  );
}

function unknownHere(redirectUri: string | undefined): OAuthError {
  return new OAuthError(
    'invalid_options',
    redirectUri === undefined
      ? 'No client is registered at the authorization server yet. Log in first; keep "clientRegistrations" ' +
          'where every process finds them.'
      : 'The authorization server knows neither client metadata documents (give "clientIdMetadataUrl") nor ' +
          'dynamic registration. Register the client there by hand, and give its "clientId".',
  );
}
