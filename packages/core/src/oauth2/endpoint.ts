import type { HttpAnswer, Http } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import type { TokenRequestShape } from '../option-types/quirks.js';
import type { Awaitable } from '../types.js';
import type { ClientAuth } from './client-auth.js';
import { dress, shapeRequest } from './request-shape.js';

/** A form for an endpoint that knows the client: token, revocation, pushed authorization requests… */
export interface FormRequest {
  /** What the endpoint is, for messages. */
  what: string;
  url: string;
  body: URLSearchParams;
  headers?: Headers;
  /** A compliance hook: edits the request when everything else is in it. */
  edit?: ((request: { headers: Headers; body: URLSearchParams }) => Awaitable<void>) | undefined;
  /** How the request travels, where it is no plain form. */
  shape?: TokenRequestShape | undefined;
}

/** Who sends, and by which door. */
export interface Sender {
  http: Http;
  clientAuth: ClientAuth;
  options: Readonly<RegisterOptions>;
}

/** Sends a form as this client, which proves who it is (RFC 6749 §2.3), and reads the whole answer. */
export async function postForm(
  { http, clientAuth, options }: Sender,
  { what, url, body: form, headers: given, edit, shape }: FormRequest,
): Promise<HttpAnswer> {
  const headers = new Headers(given);
  if (!headers.has('accept')) headers.set('accept', 'application/json');
  const body = new URLSearchParams(form);
  await clientAuth({ url, headers, body });
  const { clientId, clientSecret } = options;
  dress({ url, headers, body }, options, { client_id: clientId, client_secret: clientSecret });
  await edit?.({ headers, body });
  return await http.exchange({ what, ...shapeRequest({ url, headers, body }, shape) });
}
