import * as openid from 'openid-client';
import { toBase64, toBytes } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { HookRequest, RegisterOptions } from '../../../options/register-options.js';
import { editRequest } from '../../../quirks/hooks.js';
import { keyAssertion, secretAssertion } from './assertion.js';
import { createClientSecret } from './client-secret.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { keySigner, secretSigner, type AlgorithmChoice } from './signing-key.js';

/** Authenticates the client to an endpoint (RFC 6749 §2.3). */
export interface ClientAuth {
  /** The method's name (RFC 7591 §2), or a name in the application's `clientAuthMethods`. */
  readonly method: string;
  /** Authenticates a form for openid-client. */
  readonly authenticate: openid.ClientAuth;
  /** Lets a method of the application edit the whole request. */
  edit?: (request: HookRequest) => Promise<HookRequest>;
}

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

/** The assertion of the grant authenticates the client; its identifier is not sent besides. */
const byAssertion = 'assertion';

/** The client data available to a method. */
interface Client {
  readonly options: Readonly<RegisterOptions>;
  readonly metadata: ServerMetadata;
  readonly secret: () => Promise<string | undefined>;
}

/** Creates the authentication of one client. */
type Method = (client: Client) => openid.ClientAuth;

function algorithmChoice({ options, metadata }: Client): AlgorithmChoice {
  const { tokenEndpointAuthSigningAlg: configured } = options;
  const advertised = metadata['token_endpoint_auth_signing_alg_values_supported'];
  return { configured, advertised };
}

const methods: Readonly<Record<string, Method>> = {
  none: openid.None,
  /** Not that of openid-client, which encodes characters that some servers do not decode. */
  client_secret_basic: ({ secret, options }) => {
    const write = options.basicEncoding === 'raw' ? (text: string) => text : formEncode;
    let encoded: { secret: string; credentials: string } | undefined;
    return async (...[, client, , headers]) => {
      const current = (await secret()) ?? '';
      if (encoded?.secret !== current) {
        const credentials = `${write(client.client_id)}:${write(current)}`;
        encoded = { secret: current, credentials: toBase64(toBytes(credentials)) };
      }
      headers.set('authorization', `Basic ${encoded.credentials}`);
    };
  },
  client_secret_post:
    ({ secret }) =>
    async (...form) =>
      openid.ClientSecretPost(await secret())(...form),
  /** Not that of openid-client, which signs with HS256 only. */
  client_secret_jwt:
    (client) =>
    async (_server, { client_id: id }, body) => {
      const signer = secretSigner((await client.secret()) ?? '', algorithmChoice(client));
      body.set('client_id', id);
      body.set('client_assertion_type', assertionType);
      body.set('client_assertion', await secretAssertion(signer, client));
    },
  private_key_jwt:
    (client) =>
    async (...form) => {
      const signer = await keySigner(client.options, algorithmChoice(client));
      if (!signer) {
        throw new OAuthError(
          'invalid_options',
          '"tokenEndpointAuthMethod" is private_key_jwt, which needs a "privateKey" to sign with.',
        );
      }
      await keyAssertion(signer, client)(...form);
    },
  // The TLS client certificate is presented by the application's `fetch` (RFC 8705 §2).
  tls_client_auth: openid.TlsClientAuth,
  self_signed_tls_client_auth: openid.TlsClientAuth,
};

/**
 * Prepares client authentication, once per client. The returned function takes the provider's
 * current metadata.
 */
export function createClientAuth(
  options: Readonly<RegisterOptions>,
): (metadata: ServerMetadata) => ClientAuth {
  const { clientId = '', clientAuthMethods = {} } = options;
  const { clientSecret, clientSecretJwt } = options;
  const secret = clientSecretJwt
    ? createClientSecret(clientSecretJwt, clientId)
    : async () => clientSecret;
  return (metadata) => {
    const name = authMethodOf(options, metadata);
    if (name === byAssertion) return { method: 'none', authenticate: () => undefined };
    const own = Object.hasOwn(clientAuthMethods, name) ? clientAuthMethods[name] : undefined;
    const method = !own && Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!own && !method) throw unknownMethod(name);
    return {
      method: name,
      authenticate: method?.({ options, metadata, secret }) ?? (() => undefined),
      ...(own && {
        async edit(request) {
          const client = { clientId, clientSecret: await secret() };
          return await editRequest(`clientAuthMethods.${name}`, request, (it) => own(it, client));
        },
      }),
    };
  };
}

/** Returns the name of the method that a client authenticates with. */
export function authMethodOf(options: Readonly<RegisterOptions>, metadata: ServerMetadata): string {
  return options.tokenEndpointAuthMethod ?? defaultMethod(options, metadata);
}

/** Authenticates a request that openid-client does not build. */
export async function authenticateRequest(
  { authenticate, edit }: ClientAuth,
  request: HookRequest,
  { clientId = '' }: Readonly<RegisterOptions>,
): Promise<HookRequest> {
  await authenticate({ issuer: '' }, { client_id: clientId }, request.body, request.headers);
  return edit ? await edit(request) : request;
}

function unknownMethod(name: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `There is no client authentication method "${name}". Set "tokenEndpointAuthMethod" to one of ` +
      `${Object.keys(methods).join(', ')}, or define it in "clientAuthMethods".`,
  );
}

/**
 * Returns the default method: `none` without a secret or key. A secret is sent with HTTP Basic,
 * which every authorization server must support (RFC 6749 §2.3.1), unless the metadata allows it
 * only in the body.
 */
function defaultMethod(options: Readonly<RegisterOptions>, metadata: ServerMetadata): string {
  if (options.assertion !== undefined) return byAssertion;
  if (options.clientSecret === undefined && options.clientSecretJwt === undefined) {
    return options.privateKey === undefined ? 'none' : 'private_key_jwt';
  }
  const supported = metadata['token_endpoint_auth_methods_supported'];
  const bodyOnly =
    Array.isArray(supported) &&
    supported.includes('client_secret_post') &&
    !supported.includes('client_secret_basic');
  return bodyOnly ? 'client_secret_post' : 'client_secret_basic';
}

/**
 * Encodes one half of the Basic credentials (RFC 6749 §2.3.1). The form serializer does not encode
 * `A-Z a-z 0-9 - . _ *`, so most secrets also work with providers that do not decode them.
 */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
