import * as openid from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import { secretParams } from '../../../platform/http/sent-secrets.js';
import type { HttpResponse } from '../../../platform/http/http.js';
import { editRequest } from '../../../quirks/hooks.js';
import { dress, shapeRequest, type FormOnItsWay } from '../../../quirks/request-shape.js';
import type { TokenRequestShape } from '../../../quirks/types.js';
import type { ComplianceFix, RegisterOptions } from '../../../options/register-options.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import type { DpopKey } from '../dpop/proof.js';
import type { ProtocolContext } from './context.js';

/** The names of the request compliance hooks. */
type RequestHook = Exclude<Extract<keyof ComplianceFix, `${string}Request`>, 'protectedRequest'>;

/** Data about a sent form, used to read its error response. */
export interface SentForm {
  /** The client authentication method that was used. */
  authMethod: string;
  grantType: string | undefined;
  /** The secret values of the form, which must not appear in an error. */
  secrets: () => readonly string[];
}

/** The response to a form. */
export interface FormResponse extends HttpResponse {
  readonly sent?: SentForm | undefined;
}

/** A call of a function of openid-client that sends a form with client authentication. */
export interface EndpointCall<T> {
  /** Name of the endpoint in error messages. */
  what: string;
  /** The endpoint: that of the metadata, unless the client has another URL for this request. */
  url: string;
  params: URLSearchParams;
  /**
   * Calls the function. Its request has `params` and the parameters that openid-client adds. Default:
   * `params` are sent as they are, with the client's authentication.
   */
  run?: (configuration: openid.Configuration, params: URLSearchParams) => Promise<T>;
  /** Reads a response in any format, as the JSON object that openid-client validates. */
  read: (response: FormResponse) => Promise<object> | object;
  /** The status of a success. Default: 200. */
  status?: number;
  accept?: string;
  /** Corrects the parameters that openid-client has set. */
  correct?: (body: URLSearchParams) => void;
  /** The compliance hook that edits the complete request. */
  edit?: RequestHook | undefined;
  /** The format of the request, if it is not a plain form. */
  shape?: TokenRequestShape | undefined;
  /** The DPoP key (RFC 9449 §5). */
  dpopKey?: DpopKey | undefined;
}

/** A call in progress. */
interface Attempt {
  call: EndpointCall<unknown>;
  prove: ((url?: string | URL) => Promise<string>) | undefined;
  response?: FormResponse;
}

/** The configuration of one client at one provider, and its calls in progress. */
interface OpenidClient {
  configuration: openid.Configuration;
  attempts: Map<string, Attempt>;
}

const clients = new WeakMap<ProtocolContext, OpenidClient>();

/** Stands in for the issuer of a provider without metadata; it is never compared or sent. */
const unknownIssuer = 'https://issuer.invalid';

/** Tells the calls of one configuration apart: its `customFetch` receives only the form. It is never sent. */
const attemptParam = 'oauth-registry:attempt';

let attemptNumber = 0;

/** Sends a token request of a grant type with its parameters as they are. */
export function byGrantType(
  grantType: string,
): NonNullable<EndpointCall<openid.TokenEndpointResponse>['run']> {
  return (configuration, params) => openid.genericGrantRequest(configuration, grantType, params);
}

/** Returns the openid-client configuration of a client and its current metadata. */
export function configurationOf(context: ProtocolContext): openid.Configuration {
  return clientOf(context).configuration;
}

function clientOf(context: ProtocolContext): OpenidClient {
  const known = clients.get(context);
  if (known) return known;
  const { options, metadata, clientAuth } = context;
  const server = { issuer: unknownIssuer, ...issuerAndEndpoints(metadata) };
  const configuration = new openid.Configuration(
    server,
    options.clientId ?? options.assertion?.issuer ?? '',
    undefined,
    clientAuth.authenticate,
  );
  // http.ts rejects insecure URLs, with an exception for loopback, and has its own timeout.
  openid.allowInsecureRequests(configuration);
  configuration.timeout = 0;
  const client: OpenidClient = { configuration, attempts: new Map() };
  configuration[openid.customFetch] = async (_url, { headers, body }) => {
    // openid-client has created it for this request.
    const form = body as URLSearchParams;
    const attempt = client.attempts.get(form.get(attemptParam) ?? '') as Attempt;
    form.delete(attemptParam);
    const sent = { headers: new Headers(headers), body: form };
    // http.ts sets the same user agent for every request.
    sent.headers.delete('user-agent');
    attempt.response = await sendForm(context, attempt, sent);
    const { read, status = 200 } = attempt.call;
    return new ParsedResponse(await read(attempt.response), status);
  };
  clients.set(context, client);
  return client;
}

/** `iss` and its announcement are validated before (RFC 9207), so openid-client gets neither. */
function issuerAndEndpoints(metadata: ServerMetadata): Record<string, string> {
  const used = Object.entries(metadata).filter(
    (entry): entry is [string, string] =>
      typeof entry[1] === 'string' && (entry[0] === 'issuer' || entry[0].endsWith('_endpoint')),
  );
  return Object.fromEntries(used);
}

/** A response whose body is parsed and normalized already. */
class ParsedResponse extends Response {
  readonly #body: object;

  constructor(body: object, status: number) {
    super(null, { status });
    this.#body = body;
  }

  override json(): Promise<object> {
    return Promise.resolve(this.#body);
  }
}

/**
 * Calls a function of openid-client, which builds the request, authenticates the client (RFC 6749
 * §2.3), and validates the response. In between, the request is adapted to the provider and sent
 * through `http.ts`, and the response is normalized. Retries once if the server requires a DPoP
 * nonce, with new authentication.
 */
export async function callEndpoint<T>(context: ProtocolContext, call: EndpointCall<T>): Promise<T> {
  const { dpop } = context;
  const { url, dpopKey: key } = call;
  if (!dpop || !key) return (await runAttempt(context, { call, prove: undefined })) as T;
  let result: Promise<T> | undefined;
  const attemptOnce = async (prove: Attempt['prove']): Promise<FormResponse> => {
    const attempt: Attempt = { call, prove };
    result = runAttempt(context, attempt) as Promise<T>;
    await result.catch(() => undefined);
    // Without a response there is nothing to retry.
    return attempt.response ?? ((await result) as never);
  };
  await dpop.send({ method: 'POST', url, key }, attemptOnce, isNonceError);
  return (await result) as T;
}

async function runAttempt(context: ProtocolContext, attempt: Attempt): Promise<unknown> {
  const { call } = attempt;
  if (!call.run) return await runDirectly(context, attempt);
  const { configuration, attempts } = clientOf(context);
  const id = String(++attemptNumber);
  const params = new URLSearchParams(call.params);
  params.append(attemptParam, id);
  attempts.set(id, attempt);
  try {
    return await call.run(configuration, params);
  } catch (error) {
    throw translate(error, call.what);
  } finally {
    attempts.delete(id);
  }
}

/** Sends a form with the client authentication of openid-client, and reads the response. */
async function runDirectly(context: ProtocolContext, attempt: Attempt): Promise<object> {
  const { call } = attempt;
  const { clientAuth, options } = context;
  const form = { headers: new Headers(), body: new URLSearchParams(call.params) };
  const client = { client_id: options.clientId ?? '' };
  try {
    await clientAuth.authenticate({ issuer: unknownIssuer }, client, form.body, form.headers);
    attempt.response = await sendForm(context, attempt, form);
  } catch (error) {
    throw translate(error, call.what);
  }
  return await call.read(attempt.response);
}

/** Adapts a request of openid-client to the provider, and sends it. */
async function sendForm(
  { http, clientAuth, options }: ProtocolContext,
  { call, prove }: Attempt,
  { headers, body }: Pick<FormOnItsWay, 'headers' | 'body'>,
): Promise<FormResponse> {
  const { what, url, accept = 'application/json', correct, edit, shape } = call;
  const { clientId, clientSecret } = options;
  correct?.(body);
  headers.set('accept', accept);
  let form: FormOnItsWay = { url, headers, body };
  if (clientAuth.edit) form = await clientAuth.edit(form);
  if (options.headers?.token || options.paramNames)
    dress(form, options, { client_id: clientId, client_secret: clientSecret });
  if (edit && options.complianceFix?.[edit]) form = await runRequestHook(edit, form, options);
  // The proof covers the URL after the hooks.
  if (prove) form.headers.set('dpop', await prove(form.url));
  const request = shape ? shapeRequest(form, shape) : { ...form, method: 'POST' };
  const response = await http.send({ what, ...request });
  return { ...response, sent: describeForm(form.body, clientAuth.method, clientSecret) };
}

/** Runs one of the client's compliance hooks on a form. */
export async function runRequestHook(
  hook: RequestHook,
  request: FormOnItsWay,
  { complianceFix, clientId = '', clientSecret }: Readonly<RegisterOptions>,
): Promise<FormOnItsWay> {
  const run = complianceFix?.[hook];
  const client = { clientId, clientSecret };
  return await editRequest(`complianceFix.${hook}`, request, run && ((it) => run(it, client)));
}

/** Returns the data needed to read the error response of a form. */
export function describeForm(
  body: URLSearchParams,
  authMethod: string,
  clientSecret: string | undefined,
): SentForm {
  const secrets = (): string[] => [...secretParams(body), clientSecret ?? ''];
  return { authMethod, grantType: body.get('grant_type') ?? undefined, secrets };
}

/** Whether the response requires a DPoP nonce (RFC 9449 §8). */
function isNonceError({ status, text }: HttpResponse): boolean {
  return (status === 400 || status === 401) && /"error"\s*:\s*"use_dpop_nonce"/.test(text);
}

/**
 * Translates an error of openid-client, whose causes contain tokens: an error of this library or of
 * a hook is returned unchanged, an error of openid-client is reported only by its code.
 */
function translate(error: unknown, what: string): unknown {
  const wrapped = error instanceof openid.ClientError ? error : undefined;
  if (!wrapped || (wrapped.cause instanceof Error && wrapped.code === undefined)) {
    return wrapped?.cause ?? error;
  }
  return new OAuthError(
    'invalid_response',
    `The response of the ${what} does not conform to its specification (${wrapped.code}). Check the URL of the endpoint.`,
    { reason: wrapped.code },
  );
}
