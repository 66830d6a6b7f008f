import { isObject, parseJson } from '../encoding.js';
import { OAuthError } from '../errors.js';
import { retryAfter, type Http, type HttpAnswer } from '../http.js';
import type { ClientRegistration } from '../option-types/protected-resource.js';
import { readRefusal, refused, unavailable } from './token-response.js';

const what = 'registration endpoint';

/** A client's metadata, and where it is to be registered. */
export interface RegistrationRequest {
  endpoint: string;
  /** With its wire names (RFC 7591 §2). */
  metadata: Readonly<Record<string, unknown>>;
  /** What a protected registration endpoint wants to see (RFC 7591 §3). */
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
  const answer = await http.exchange({
    what,
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
  return readRegistration(answer);
}

function readRegistration(answer: HttpAnswer): ClientRegistration {
  const { status, headers } = answer;
  if (status >= 500 || status === 429) throw unavailable(answer, what);
  const body = tryParse(answer.text);
  const refusal = body && readRefusal(body);
  if (refusal || status < 200 || status > 299) throw refused(refusal ?? {}, answer, what);
  const { client_id: id, client_secret: secret } = body ?? {};
  const usable = typeof id === 'string' && id !== '' && isTextOrAbsent(secret);
  if (body && usable) return body as ClientRegistration;
  throw new OAuthError(
    'invalid_response',
    'The registration endpoint did not answer with a "client_id" (RFC 7591 §3.2.1).',
    { status, retryAfter: retryAfter(headers) },
  );
}

function isTextOrAbsent(value: unknown): boolean {
  return value === undefined || typeof value === 'string';
}

function tryParse(text: string): Record<string, unknown> | undefined {
  try {
    const body = parseJson(text);
    return isObject(body) ? body : undefined;
  } catch {
    return undefined;
  }
}
