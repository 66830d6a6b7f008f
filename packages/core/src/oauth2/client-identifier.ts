import { nowSeconds } from '../crypto.js';
import { OAuthError } from '../errors.js';
import type { Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { ClientRegistration } from '../option-types/protected-resource.js';
import type { LoadMetadata, ServerMetadata } from './metadata.js';
import { registerClient } from './registration.js';

/** Who this client is at an authorization server. */
export type FoundClient = Pick<
  RegisterOptions,
  'clientId' | 'clientSecret' | 'tokenEndpointAuthMethod'
>;

/** Finds out who this client is; a redirect URI is known where a login begins or ends. */
export type ClientIdentifier = (
  issuer: string,
  load: LoadMetadata,
  redirectUri?: string,
) => Promise<FoundClient>;

/**
 * Decides who a client is at an authorization server it was not told of: the registered id, its metadata
 * document where the server reads such, or a client that it registers itself, once, and keeps.
 *
 * @see https://datatracker.ietf.org/doc/draft-ietf-oauth-client-id-metadata-document/
 * @see https://www.rfc-editor.org/rfc/rfc7591
 */
export function createClientIdentifier(config: {
  options: Readonly<RegisterOptions>;
  http: Http;
}): ClientIdentifier {
  const { options, http } = config;
  const memory = new Map<string, ClientRegistration>();
  const store = options.clientRegistrations ?? {
    get: (issuer: string) => memory.get(issuer),
    put: (issuer: string, made: ClientRegistration) => void memory.set(issuer, made),
  };
  let turn: Promise<unknown> = Promise.resolve();

  async function kept(
    issuer: string,
    redirectUri?: string,
  ): Promise<ClientRegistration | undefined> {
    const known = await store.get(issuer);
    if (known === undefined || isOver(known)) return undefined;
    const fits = redirectUri === undefined || known.redirect_uris?.includes(redirectUri);
    return fits ? known : undefined;
  }

  /** Registers for every redirect URI that was used so far. */
  async function register(
    issuer: string,
    metadata: ServerMetadata,
    redirectUri: string,
  ): Promise<ClientRegistration> {
    const known = await store.get(issuer);
    const before = known === undefined || isOver(known) ? [] : (known.redirect_uris ?? []);
    const redirectUris = [...before, redirectUri];
    const made = await registerClient(http, {
      endpoint: String(metadata['registration_endpoint']),
      metadata: clientMetadata(options, metadata, redirectUris),
    });
    const registration = { redirect_uris: redirectUris, ...made };
    await store.put(issuer, registration);
    return registration;
  }

  const find: ClientIdentifier = async (issuer, load, redirectUri) => {
    const known = await kept(issuer, redirectUri);
    if (known) return fromRegistration(known);
    const metadata = await load();
    const { clientIdMetadataUrl } = options;
    if (clientIdMetadataUrl && metadata['client_id_metadata_document_supported'] === true) {
      return { clientId: clientIdMetadataUrl, tokenEndpointAuthMethod: methodOf(options) };
    }
    if (redirectUri !== undefined && typeof metadata['registration_endpoint'] === 'string') {
      return fromRegistration(await register(issuer, metadata, redirectUri));
    }
    throw unknownHere(redirectUri);
  };

  return async (issuer, load, redirectUri) => {
    const { clientId, clientSecret, tokenEndpointAuthMethod } = options;
    if (clientId !== undefined) return { clientId, clientSecret, tokenEndpointAuthMethod };
    const known = await kept(issuer, redirectUri);
    if (known) return fromRegistration(known);
    // One after the other, so that those who wait find what the first one registered.
    const found = turn.then(() => find(issuer, load, redirectUri));
    turn = found.catch(() => undefined);
    return await found;
  };
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

/** RFC 7591 §3.2.1: 0 means never. */
function isOver({ client_secret_expires_at: end }: ClientRegistration): boolean {
  return typeof end === 'number' && end !== 0 && end <= nowSeconds();
}

function fromRegistration(registration: ClientRegistration): FoundClient {
  const { client_id: clientId, client_secret: clientSecret } = registration;
  const method = registration.token_endpoint_auth_method;
  const usual = clientSecret === undefined ? 'none' : 'client_secret_basic';
  return { clientId, clientSecret, tokenEndpointAuthMethod: method ?? usual };
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
