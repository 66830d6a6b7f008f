import { concat } from '../encoding.js';
import { OAuthError } from '../../model/errors.js';

/** A limit on a response. */
export interface SizeLimit {
  /** Describes the URL in messages: `token endpoint`. */
  what: string;
  /** Maximum decoded bytes. */
  limit: number;
  /** The option that sets the limit, if one does. */
  limitOption?: string | undefined;
}

/** Reads a whole response, up to a number of decoded bytes. */
export async function readResponseBytes(
  response: Response,
  bounds: SizeLimit,
  signal: AbortSignal,
): Promise<Uint8Array<ArrayBuffer>> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  signal.addEventListener('abort', stop, { once: true });
  for (;;) {
    const chunk = await reader?.read();
    if (!chunk || chunk.done) break;
    size += chunk.value.byteLength;
    if (size > bounds.limit) {
      stop();
      throw responseTooLarge(bounds, response.status);
    }
    chunks.push(chunk.value);
  }
  return concat(chunks);
}

const peekLimit = 16_384;

/**
 * Reads the beginning of a cloned response and discards the rest; if it stalls, returns what
 * arrived.
 */
export async function peek(response: Response, timeout: number): Promise<string> {
  const reader = response.clone().body?.getReader();
  const stop = (): void => void reader?.cancel().catch(() => undefined);
  const timer = setTimeout(stop, timeout);
  const decoder = new TextDecoder();
  let text = '';
  try {
    while (text.length < peekLimit) {
      const chunk = await reader?.read();
      if (!chunk || chunk.done) break;
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch {
    // Errors are ignored here; the reader of the response receives them.
  } finally {
    clearTimeout(timer);
    stop();
  }
  return text;
}

/** Creates the error for a response that exceeds its limit. */
export function responseTooLarge(
  { what, limit, limitOption }: SizeLimit,
  status: number,
): OAuthError {
  return new OAuthError(
    'response_too_large',
    `The response of the ${what} has more than ${limit} bytes and was discarded. Check its ` +
      `URL${limitOption === undefined ? '' : `; "${limitOption}" allows more`}.`,
    { providerStatus: status },
  );
}
