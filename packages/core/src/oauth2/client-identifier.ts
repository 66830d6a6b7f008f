import { Cache } from '../cache.js';
import { nowSeconds } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type {
  ClientRegistration,
  ClientRegistrations,
} from '../option-types/protected-resource.js';
import { asksForOpenId } from '../options/scope.js';
import type { LoadMetadata, ServerMetadata } from './metadata.js';
import { registerClient, signedResponseAlg } from './registration.js';

/** Who this client is at an authorization server. */
export type FoundClient = Pick<
  RegisterOptions,
  'clientId' | 'clientSecret' | 'tokenEndpointAuthMethod' | 'idTokenSignedResponseAlg'
>;

/** Finds out who this client is. */
export interface ClientIdentifier {
  /** A redirect URI is known where a login begins or ends. */
  find(issuer: string, load: LoadMetadata, redirectUri?: string): Promise<FoundClient>;
  /** Registers anew where a server has forgotten the client that was registered there. */
  renew(issuer: string, load: LoadMetadata, clientId: string): Promise<void>;
}

/** What decides who a client is. */
export interface ClientIdentifierConfig {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Registers at a server in a way of its own, for these redirect URIs; `never` where it may not. */
  register?:
    ((redirectUris: readonly string[]) => Promise<ClientRegistration>) | 'never' | undefined;
  /** The scope a registration must be for, space separated. */
  scope?: string | undefined;
}

/** People name servers, and each of them may be one more registration. */
const mostRegistrations = 10_000;

/** Keeps registrations as long as the process lives: those that were used last. */
export function rememberRegistrations(most: number = mostRegistrations): ClientRegistrations {
  const memory = new Cache<ClientRegistration>(most);
  return {
    get: (issuer) => memory.get(issuer),
    put: (issuer, made) => memory.set(issuer, made, Infinity),
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
  let turn: Promise<unknown> = Promise.resolve();

  /** What is there and still good; databases say `null` for nothing. */
  async function read(issuer: string): Promise<ClientRegistration | undefined> {
    const known = (await store.get(issuer)) ?? undefined;
    return known && isOver(known) ? undefined : known;
  }

  async function kept(
    issuer: string,
    redirectUri?: string,
  ): Promise<ClientRegistration | undefined> {
    const known = await read(issuer);
    if (known === undefined) return undefined;
    const fits = redirectUri === undefined || (known.redirect_uris?.includes(redirectUri) ?? true);
    return fits && hasScope(known, config.scope) ? known : undefined;
  }

  /** Registers for every redirect URI that was told of or used so far. */
  async function register(
    issuer: string,
    metadata: ServerMetadata,
    redirectUri?: string,
  ): Promise<ClientRegistration> {
    const known = await read(issuer);
    const redirectUris = [
      ...new Set([
        ...toldRedirectUris(options),
        ...(known?.redirect_uris ?? []),
        ...(redirectUri ? [redirectUri] : []),
      ]),
    ];
    const made = await (typeof config.register === 'function'
      ? config.register(redirectUris)
      : registerClient(http, {
          endpoint: String(metadata['registration_endpoint']),
          metadata: clientMetadata(options, metadata, redirectUris),
        }));
    // Servers echo addresses in their own spelling; those that were asked for are looked for next time.
    const registration = { ...made, redirect_uris: redirectUris };
    await store.put(issuer, registration);
    return registration;
  }

  const search: ClientIdentifier['find'] = async (issuer, load, redirectUri) => {
    const known = await kept(issuer, redirectUri);
    if (known) return fromRegistration(known, options);
    const metadata = await load();
    const { clientIdMetadataUrl } = options;
    if (clientIdMetadataUrl && metadata['client_id_metadata_document_supported'] === true) {
      return { clientId: clientIdMetadataUrl, tokenEndpointAuthMethod: methodOf(options) };
    }
    if (redirectUri !== undefined && canRegister(metadata)) {
      return fromRegistration(await register(issuer, metadata, redirectUri), options);
    }
    throw config.register === 'never' ? noneKept() : unknownHere(redirectUri);
  };

  function canRegister(metadata: ServerMetadata): boolean {
    if (config.register !== undefined) return config.register !== 'never';
    return typeof metadata['registration_endpoint'] === 'string';
  }

  /** One after the other, so that those who wait find what the first one registered. */
  async function inTurn<T>(run: () => Promise<T>): Promise<T> {
    const found = turn.then(run);
    turn = found.catch(() => undefined);
    return await found;
  }

  return {
    async find(issuer, load, redirectUri) {
      const { clientId, clientSecret, tokenEndpointAuthMethod } = options;
      if (clientId !== undefined) return { clientId, clientSecret, tokenEndpointAuthMethod };
      const known = await kept(issuer, redirectUri);
      if (known) return fromRegistration(known, options);
      return await inTurn(() => search(issuer, load, redirectUri));
    },
    async renew(issuer, load, clientId) {
      await inTurn(async () => {
        const metadata = await load();
        const current = await store.get(issuer);
        if (current?.client_id === clientId && canRegister(metadata))
          await register(issuer, metadata);
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

function clientMetadata(
  options: Readonly<RegisterOptions>,
  metadata: ServerMetadata,
  redirectUris: readonly string[],
): Record<string, unknown> {
  const methods = metadata['token_endpoint_auth_methods_supported'];
  const open = !Array.isArray(methods) || methods.includes('none');
  const method = options.tokenEndpointAuthMethod ?? (open ? 'none' : 'client_secret_basic');
  return {
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: method,
    ...options.clientMetadata,
    redirect_uris: redirectUris,
  };
}

/** A registration that does not say its scope is for any. */
function hasScope({ scope }: ClientRegistration, wanted = ''): boolean {
  if (typeof scope !== 'string') return true;
  const there = scope.split(' ');
  return wanted.split(' ').every((one) => one === '' || there.includes(one));
}

/** RFC 7591 §3.2.1: 0 means never. */
function isOver({ client_secret_expires_at: end }: ClientRegistration): boolean {
  return typeof end === 'number' && end !== 0 && end <= nowSeconds();
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
  const usual = clientSecret === undefined ? 'none' : (told ?? 'client_secret_basic');
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
