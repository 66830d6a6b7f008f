import type { HttpAnswer, Http } from '../http.js';
import type { Awaitable } from '../types.js';
import type { ClientAuth } from './client-auth.js';

/** A form for an endpoint that knows the client: token, revocation, pushed authorization requests… */
export interface FormRequest {
  /** What the endpoint is, for messages. */
  what: string;
  url: string;
  body: URLSearchParams;
  headers?: Headers;
  /** A compliance hook: edits the request when everything else is in it. */
  edit?: ((request: { headers: Headers; body: URLSearchParams }) => Awaitable<void>) | undefined;
}

/** Sends a form as this client, which proves who it is (RFC 6749 §2.3), and reads the whole answer. */
export async function postForm(
  { http, clientAuth }: { http: Http; clientAuth: ClientAuth },
  { what, url, body: form, headers: given, edit }: FormRequest,
): Promise<HttpAnswer> {
  const headers = new Headers(given);
  if (!headers.has('accept')) headers.set('accept', 'application/json');
  const body = new URLSearchParams(form);
  await clientAuth({ url, headers, body });
  await edit?.({ headers, body });
  return await http.exchange({ what, method: 'POST', url, headers, body });
}
