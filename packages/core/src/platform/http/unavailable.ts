import type { HeaderReader } from './transport.js';
import { OAuthError } from '../../model/errors.js';
import type { ProviderWords } from '../../model/provider-words.js';
import { retryAfter } from './http.js';

interface Status {
  readonly status: number;
  readonly headers: HeaderReader;
}

/** Whether a response means that the provider is overloaded or out of order. */
export function isUnavailable({ status }: Pick<Status, 'status'>): boolean {
  return status >= 500 || status === 429;
}

/** Creates the error for a provider that is unavailable. */
export function providerUnavailable(
  { status, headers }: Status,
  what: string,
  words: ProviderWords = {},
): OAuthError {
  const wait = retryAfter(headers);
  return new OAuthError(
    'provider_unavailable',
    `The ${what} is unavailable (HTTP ${status}). Try again${wait === undefined ? ' later' : ` in ${wait} s`}.`,
    { ...words, providerStatus: status, retryAfter: wait },
  );
}
