import { readObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { isIssuerUrl } from '../../platform/issuer-url.js';
import { documentLimit } from '../../platform/http/http.js';
import type { ServerRequest, ServerResponse, ServerTools } from '../../options/server-locator.js';

/** Requests a JSON document, of a limited size. */
export function requestDocument(
  { request }: ServerTools,
  { headers = { accept: 'application/json' }, ...document }: ServerRequest,
): Promise<ServerResponse> {
  return request({ ...document, headers, limit: documentLimit });
}

/**
 * Parses a response that must be a JSON object.
 *
 * @throws OAuthError `invalid_metadata`
 */
export function readJsonDocument(response: ServerResponse, what: string): Record<string, unknown> {
  const document = readObject(response.text);
  if (response.status === 200 && document) return document;
  throw new OAuthError(
    'invalid_metadata',
    `The ${what} is not a JSON object (HTTP ${response.status}), so the login cannot continue. Ask the ` +
      'user to check what they entered.',
    { providerStatus: response.status },
  );
}

/** Whether a value is an origin, as `https://host` or `https://host/`. */
export function isOrigin(value: unknown): value is string {
  if (!isIssuerUrl(value)) return false;
  const { origin } = new URL(value);
  return value === origin || value === `${origin}/`;
}
