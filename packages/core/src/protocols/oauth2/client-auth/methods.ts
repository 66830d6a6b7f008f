import { toBase64, toBytes } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { HookRequest, RegisterOptions } from '../../../options/register-options.js';
import { editRequest } from '../../../quirks/hooks.js';
import type { Awaitable } from '../../../model/types.js';
import { clientAssertion } from './assertion.js';
import { createClientSecret } from './client-secret.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { keySigner, secretSigner, type AlgorithmChoice, type Signer } from './signing-key.js';

/** Authenticates the client to an endpoint (RFC 6749 §2.3). Returns the authenticated request. */
export interface ClientAuth {
  (request: HookRequest): Promise<HookRequest>;
  /** The method's name (RFC 7591 §2), or a name in the application's `clientAuthMethods`. */
  readonly method: string;
}

/** The client data available to a method. */
interface Client {
  readonly options: Readonly<RegisterOptions>;
  readonly clientId: string;
  readonly metadata: ServerMetadata;
  readonly secret: () => Promise<string | undefined>;
}

type Method = (request: HookRequest, client: Client) => Awaitable<void>;

const assertionType = 'urn:ietf:params:oauth:client-assertion-type:jwt-bearer';

function algorithmChoice(
  { tokenEndpointAuthSigningAlg: configured }: Readonly<RegisterOptions>,
  metadata: ServerMetadata,
): AlgorithmChoice {
  const advertised = metadata['token_endpoint_auth_signing_alg_values_supported'];
  return { configured, advertised };
}

const idOnly: Method = ({ body }, { clientId }) => body.set('client_id', clientId);

const methods: Readonly<Record<string, Method>> = {
  none: idOnly,
  async client_secret_basic({ headers }, { clientId, secret, options }) {
    const write = options.basicEncoding === 'raw' ? (text: string) => text : formEncode;
    const credentials = `${write(clientId)}:${write((await secret()) ?? '')}`;
    headers.set('authorization', `Basic ${toBase64(toBytes(credentials))}`);
  },
  async client_secret_post({ body }, { clientId, secret }) {
    body.set('client_id', clientId);
    body.set('client_secret', (await secret()) ?? '');
  },
  async client_secret_jwt({ body }, { options, metadata, secret }) {
    const signer = secretSigner((await secret()) ?? '', algorithmChoice(options, metadata));
    await assertClient(body, signer, { options, metadata });
  },
  async private_key_jwt({ body }, { options, metadata }) {
    const signer = await keySigner(options, algorithmChoice(options, metadata));
    if (!signer) {
      throw new OAuthError(
        'invalid_options',
        '"tokenEndpointAuthMethod" is private_key_jwt, which needs a "privateKey" to sign with.',
      );
    }
    await assertClient(body, signer, { options, metadata });
  },
  // The TLS client certificate is presented by the application's `fetch` (RFC 8705 §2).
  tls_client_auth: idOnly,
  self_signed_tls_client_auth: idOnly,
};

/**
 * Prepares client authentication, once per client. The returned function takes the provider's
 * current metadata.
 */
export function createClientAuth(
  options: Readonly<RegisterOptions>,
): (metadata: ServerMetadata) => ClientAuth {
  const { clientId = '', clientAuthMethods = {} } = options;
  const secret = createClientSecret(options);
  return (metadata) => {
    const name = options.tokenEndpointAuthMethod ?? defaultMethod(options, metadata);
    const own = Object.hasOwn(clientAuthMethods, name) ? clientAuthMethods[name] : undefined;
    if (own) {
      const authenticate = async (request: HookRequest): Promise<HookRequest> => {
        const client = { clientId, clientSecret: await secret() };
        return await editRequest(`clientAuthMethods.${name}`, request, (it) => own(it, client));
      };
      return Object.assign(authenticate, { method: name });
    }
    const method = Object.hasOwn(methods, name) ? methods[name] : undefined;
    if (!method) throw unknownMethod(name);
    const authenticate = async (request: HookRequest): Promise<HookRequest> => {
      await method(request, { options, clientId, metadata, secret });
      return request;
    };
    return Object.assign(authenticate, { method: name });
  };
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

async function assertClient(
  body: URLSearchParams,
  signer: Signer,
  { options, metadata }: Pick<Client, 'options' | 'metadata'>,
): Promise<void> {
  body.set('client_id', options.clientId ?? '');
  body.set('client_assertion_type', assertionType);
  body.set('client_assertion', await clientAssertion(signer, options, metadata));
}

/**
 * Encodes one half of the Basic credentials (RFC 6749 §2.3.1). The form serializer does not encode
 * `A-Z a-z 0-9 - . _ *`, so most secrets also work with providers that do not decode them.
 */
function formEncode(text: string): string {
  return new URLSearchParams([['', text]]).toString().slice(1);
}
