import { readObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import { isIssuerUrl } from '../../platform/issuer-url.js';
import type { ServerAnswer } from '../../options/chosen-server-types.js';

/**
 * Reads an answer that must be a JSON object.
 *
 * @throws OAuthError `invalid_metadata`
 */
export function readDocument(answer: ServerAnswer, what: string): Record<string, unknown> {
  const document = readObject(answer.text);
  if (answer.status === 200 && document) return document;
  throw new OAuthError(
    'invalid_metadata',
    `The ${what} is not a JSON object (HTTP ${answer.status}). The login cannot go on without it.`,
    { providerStatus: answer.status },
  );
}

/** Tells whether a value is the address of a whole host, as `https://host` or `https://host/`. */
export function isOrigin(value: unknown): value is string {
  if (!isIssuerUrl(value)) return false;
  const { origin } = new URL(value);
  return value === origin || value === `${origin}/`;
}
