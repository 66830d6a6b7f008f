import type { HttpResponse, Http } from '../../../platform/http/http.js';
import type { ComplianceFix, RegisterOptions } from '../../../options/register-options.js';
import type { TokenRequestShape } from '../../../quirks/types.js';
import { editRequest } from '../../../quirks/hooks.js';
import type { ClientAuth } from '../client-auth/methods.js';
import type { Dpop, DpopKey } from '../dpop/proof.js';
import { secretParams } from '../../../platform/http/sent-secrets.js';
import { dress, shapeRequest, type FormOnItsWay } from '../../../quirks/request-shape.js';

/**
 * A form for an endpoint with client authentication: token, revocation, pushed authorization
 * requests…
 */
export interface FormRequest {
  /** Name of the endpoint in error messages. */
  what: string;
  url: string;
  body: URLSearchParams;
  headers?: Headers;
  /** The compliance hook that edits the complete request. */
  edit?: RequestHook | undefined;
  /** The format of the request, if it is not a plain form. */
  shape?: TokenRequestShape | undefined;
  /** The DPoP key (RFC 9449 §5). */
  dpopKey?: DpopKey | undefined;
}

/** The names of the request compliance hooks. */
type RequestHook = Exclude<Extract<keyof ComplianceFix, `${string}Request`>, 'protectedRequest'>;

/** Data about a sent form, used to read its error response. */
export interface SentForm {
  /** The client authentication method that was used. */
  authMethod: string;
  grantType: string | undefined;
  /** The secret values of the form, which must not appear in an error. */
  secrets: readonly string[];
}

/** The response to a form. */
export interface FormResponse extends HttpResponse {
  readonly sent?: SentForm | undefined;
}

/** The client and its HTTP client. */
export interface Sender {
  http: Http;
  clientAuth: ClientAuth;
  options: Readonly<RegisterOptions>;
  dpop?: Dpop | undefined;
}

/**
 * Sends a form with client authentication (RFC 6749 §2.3) and reads the whole response. Retries
 * once if the server requires a DPoP nonce, with new authentication.
 */
export async function postForm(sender: Sender, request: FormRequest): Promise<FormResponse> {
  const { dpop } = sender;
  const { url, dpopKey: key } = request;
  if (!dpop || !key) return await post(sender, request);
  const proven = { method: 'POST', url, key };
  return await dpop.send(proven, (prove) => post(sender, request, prove), isNonceError);
}

async function post(
  { http, clientAuth, options }: Sender,
  { what, url, body: form, headers: given, edit, shape }: FormRequest,
  prove?: (url: string) => Promise<string>,
): Promise<FormResponse> {
  const headers = new Headers(given);
  if (!headers.has('accept')) headers.set('accept', 'application/json');
  const proven = await clientAuth({ url, headers, body: new URLSearchParams(form) });
  const { clientId, clientSecret } = options;
  dress(proven, options, { client_id: clientId, client_secret: clientSecret });
  const edited = edit ? await runRequestHook(edit, proven, options) : proven;
  // The proof covers the URL after the hooks.
  if (prove) edited.headers.set('dpop', await prove(edited.url));
  const response = await http.send({ what, ...shapeRequest(edited, shape) });
  return { ...response, sent: describeForm(edited.body, clientAuth.method, clientSecret) };
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
  const secrets = [...secretParams(body), clientSecret ?? ''];
  return { authMethod, grantType: body.get('grant_type') ?? undefined, secrets };
}

/** Whether the response requires a DPoP nonce (RFC 9449 §8). */
function isNonceError({ status, text }: HttpResponse): boolean {
  return (status === 400 || status === 401) && /"error"\s*:\s*"use_dpop_nonce"/.test(text);
}
