import { readObject } from '../../platform/encoding.js';
import { formDecode, type Pair } from './signing/base-string.js';

/**
 * Reads the fields of a provider's answer in their order, repeated ones included. The answer is
 * form-encoded (RFC 5849 §2.1) or, with some providers, a JSON object, whatever its content type says;
 * of JSON, only texts, numbers and booleans are kept.
 */
export function readFields(text: string): Pair[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return formDecode(trimmed);
  return Object.entries(readObject(trimmed) ?? {})
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => [name, String(value)]);
}
