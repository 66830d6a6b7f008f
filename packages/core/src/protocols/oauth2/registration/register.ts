import { isLoopback } from '../../../platform/http/address-policy.js';
import { isPlain, must, shape, text as textCheck } from '../../../platform/validators.js';
import { issuerText, readObject, textUrls, withoutNulls } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import {
  createHttp,
  documentLimit,
  retryAfter,
  type Http,
  type HttpResponse,
  type HttpOptions,
} from '../../../platform/http/http.js';
import { isIssuerUrl } from '../../../platform/issuer-url.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { ClientRegistration } from '../../../options/protected-resource.js';
import { checkArguments, optional, required, takes } from '../../../platform/arguments.js';
import { httpChecks } from '../../../options/read-registry-options.js';
import { urlOrPath } from '../../../options/verb-arguments.js';
import { withPhase } from '../../../platform/tracing/phases.js';
import { createMetadata, usableEndpoint } from '../discovery/metadata.js';
import { errorResponseIn } from '../endpoint/response.js';

/** Client metadata, with its wire names (RFC 7591 §2). */
export interface ClientMetadata {
  redirect_uris?: readonly (string | URL)[];
  token_endpoint_auth_method?: string;
  grant_types?: readonly string[];
  response_types?: readonly string[];
  client_name?: string;
  client_uri?: string | URL;
  logo_uri?: string | URL;
  scope?: string;
  contacts?: readonly string[];
  jwks_uri?: string | URL;
  jwks?: { keys: readonly object[] };
  [field: string]: unknown;
}

/** Options of {@link registerDynamically}. */
export interface RegistrationOptions extends HttpOptions {
  /** The initial access token, if the provider requires one (RFC 7591 §3). */
  initialAccessToken?: string | undefined;
}

const registrationArguments = takes(
  'registration',
  required('issuer', urlOrPath),
  required('client', must(isPlain, 'must be an object of client metadata (RFC 7591 §2)')),
  optional('options', shape<RegistrationOptions>({ ...httpChecks, initialAccessToken: textCheck })),
);

/** The result of a registration. */
export interface Registration {
  /**
   * Options for `register()`: the client id, secret, method, the issuer, and the requested
   * settings, such as `userinfo_signed_response_alg`. Store them as a secret.
   */
  options: RegisterOptions;
  /** The provider's response, with the data RFC 7592 needs to change the registration. */
  registered: Record<string, unknown>;
}

/**
 * Registers this application at a provider (RFC 7591) and returns the options for `register()`.
 * Call it once, and store the result.
 *
 * @example
 * ```ts
 * const { options } = await registerDynamically('https://id.example', {
 *   client_name: 'My application',
 *   redirect_uris: ['https://app.example/callback/corp'],
 * });
 * const oauth = new OAuth().register('corp', { ...options, scope: 'openid' });
 * ```
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3
 */
export async function registerDynamically(
  issuer: string | URL,
  given: ClientMetadata,
  options: RegistrationOptions = {},
): Promise<Registration> {
  checkArguments({ verb: 'registerDynamically' }, registrationArguments, [issuer, given, options]);
  const client = textUrls(given) as ClientMetadata;
  const { initialAccessToken, ...httpOptions } = options;
  const provider = issuer instanceof URL ? issuerText(issuer) : issuer;
  return await withPhase({ phase: 'registration' }, async () => {
    const http = createHttp(httpOptions).guarded();
    http.checkGiven(provider, 'issuer');
    if (!isIssuerUrl(provider)) throw invalidIssuer();
    const load = createMetadata({ options: { issuer: provider }, http, openid: true, ttl: 60 });
    const url = usableEndpoint(await load(), 'registration_endpoint');
    if (url !== undefined) {
      const metadata = { ...applicationType(client.redirect_uris), ...client };
      const request = { endpoint: url, metadata, initialAccessToken };
      const registered = await registerClient(http, request);
      return { options: optionsOf(registered, provider, client), registered };
    }
    throw new OAuthError(
      'invalid_metadata',
      'The provider has no "registration_endpoint". Register the application there by hand.',
    );
  });
}

/** Returns the registered id_token algorithm. Default RS256 (OpenID Connect Registration §2). */
export function signedResponseAlg(
  { id_token_signed_response_alg: registered }: ClientRegistration,
  { id_token_signed_response_alg: asked }: Readonly<Record<string, unknown>> = {},
): string {
  return [registered, asked].find((alg) => typeof alg === 'string') ?? 'RS256';
}

function invalidIssuer(): OAuthError {
  return new OAuthError(
    'invalid_options',
    'registerDynamically(): the issuer must be a plain https URL, without user information, ' +
      'query or fragment (RFC 8414 §2).',
  );
}

/** Registration settings that are also options of `register()`. */
const carried = {
  token_endpoint_auth_signing_alg: 'tokenEndpointAuthSigningAlg',
  id_token_encrypted_response_alg: 'idTokenEncryptedResponseAlg',
  id_token_encrypted_response_enc: 'idTokenEncryptedResponseEnc',
  userinfo_signed_response_alg: 'userinfoSignedResponseAlg',
  userinfo_encrypted_response_alg: 'userinfoEncryptedResponseAlg',
  userinfo_encrypted_response_enc: 'userinfoEncryptedResponseEnc',
  request_object_signing_alg: 'requestObjectSigningAlg',
  authorization_signed_response_alg: 'authorizationSignedResponseAlg',
  authorization_encrypted_response_alg: 'authorizationEncryptedResponseAlg',
  authorization_encrypted_response_enc: 'authorizationEncryptedResponseEnc',
  introspection_signed_response_alg: 'introspectionSignedResponseAlg',
  require_pushed_authorization_requests: 'requirePushedAuthorizationRequests',
  dpop_bound_access_tokens: 'dpop',
  frontchannel_logout_session_required: 'frontchannelLogoutSessionRequired',
  tls_client_certificate_bound_access_tokens: 'tlsClientCertificateBoundAccessTokens',
} as const satisfies Record<string, keyof RegisterOptions>;

/**
 * Returns the requested settings as confirmed by the provider. Settings that were not requested are
 * ignored.
 */
function confirmed(body: ClientRegistration, asked: ClientMetadata): RegisterOptions {
  const names = Object.entries(carried).filter(
    ([name]) => asked[name] !== undefined && body[name] !== undefined && body[name] !== null,
  );
  for (const [name] of names) refuseUnsigned(name, body[name], asked[name]);
  return Object.fromEntries(names.map(([name, option]) => [option, body[name]]));
}

/** Throws if the provider's response drops a requested signature. */
function refuseUnsigned(name: string, registered: unknown, asked: unknown): void {
  if (registered !== 'none' || asked === 'none') return;
  throw new OAuthError(
    'invalid_response',
    `The provider registered the client with "${name}": "none" (unsigned), although another ` +
      'algorithm was requested. Request one that its metadata lists.',
  );
}

function optionsOf(
  body: ClientRegistration,
  issuer: string,
  asked: ClientMetadata,
): RegisterOptions {
  const { client_id, client_secret, token_endpoint_auth_method: method } = body;
  const { backchannel_authentication_request_signing_alg: backchannel } = body;
  return {
    clientId: client_id,
    issuer,
    ...(typeof client_secret === 'string' && client_secret !== ''
      ? { clientSecret: client_secret }
      : {}),
    ...(typeof method === 'string' ? { tokenEndpointAuthMethod: method } : {}),
    idTokenSignedResponseAlg: signedResponseAlg(body, asked),
    // CIBA Core §4: a client signs its requests if and only if an algorithm is registered.
    ...(typeof backchannel === 'string'
      ? { backchannelAuthenticationRequestSigningAlg: backchannel }
      : {}),
    ...confirmed(body, asked),
  };
}

/**
 * Returns the application type for redirect URIs: native if one of them is on loopback or has a
 * custom scheme. The default of servers is web, and they may reject such redirect URIs.
 *
 * @see https://openid.net/specs/openid-connect-registration-1_0.html#ClientMetadata
 */
export function applicationType(redirectUris: readonly unknown[] = []): {
  application_type: 'native' | 'web';
} {
  const native = redirectUris.some((uri) => {
    if (typeof uri !== 'string' || !URL.canParse(uri)) return false;
    const url = new URL(uri);
    return isLoopback(url) || !/^https?:$/.test(url.protocol);
  });
  return { application_type: native ? 'native' : 'web' };
}

const what = 'registration endpoint';

/** The client metadata to register, and the endpoint. */
export interface RegistrationRequest {
  endpoint: string;
  /** With its wire names (RFC 7591 §2). */
  metadata: Readonly<Record<string, unknown>>;
  /** The initial access token of a protected registration endpoint (RFC 7591 §3). */
  initialAccessToken?: string | undefined;
}

/**
 * Registers a client at an authorization server.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7591#section-3
 */
export async function registerClient(
  http: Http,
  { endpoint, metadata, initialAccessToken }: RegistrationRequest,
): Promise<ClientRegistration> {
  return await withPhase({ phase: 'registration' }, async () => {
    const response = await http.send({
      what,
      limit: documentLimit,
      method: 'POST',
      url: endpoint,
      headers: {
        accept: 'application/json',
        'content-type': 'application/json',
        ...(initialAccessToken === undefined
          ? {}
          : { authorization: `Bearer ${initialAccessToken}` }),
      },
      body: JSON.stringify(metadata),
    });
    return readRegistration(response, initialAccessToken);
  });
}

function readRegistration(
  response: HttpResponse,
  initialAccessToken: string | undefined,
): ClientRegistration {
  const { status, headers } = response;
  const body = readPresent(response.text);
  const error = errorResponseIn(response, {
    what,
    body,
    unauthorized: 'invalid_token',
    secrets: initialAccessToken === undefined ? [] : [initialAccessToken],
    advice: {
      invalid_token:
        initialAccessToken === undefined
          ? 'The provider requires a token for registration. Set "initialAccessToken" (RFC ' +
            '7591 §3).'
          : 'The provider rejected the "initialAccessToken" (RFC 7591 §3). Request a ' +
            'new one from the provider.',
    },
  });
  if (error) throw error;
  const { client_id: id, client_secret: secret } = body ?? {};
  const usable = typeof id === 'string' && id !== '' && isTextOrAbsent(secret);
  if (body && usable) return body as ClientRegistration;
  throw new OAuthError(
    'invalid_response',
    'The registration endpoint returned no "client_id" (RFC 7591 §3.2.1), so no client is registered. Register ' +
      'the application at the provider by hand.',
    { providerStatus: status, retryAfter: retryAfter(headers) },
  );
}

/** Some servers return a `client_secret` of `null` for public clients. */
function readPresent(text: string): Record<string, unknown> | undefined {
  const body = readObject(text);
  return body && withoutNulls(body);
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}
