import { readObject } from '../../platform/encoding.js';
import { formDecode, type Pair } from './signing/base-string.js';

/**
 * Reads the fields of a response in order, repeated ones included. The body is form-encoded (RFC
 * 5849 §2.1) or a JSON object, whatever its content type. Of JSON, only strings, numbers and
 * booleans are returned.
 */
export function readFields(text: string): Pair[] {
  const trimmed = text.trim();
  if (!trimmed.startsWith('{')) return formDecode(trimmed);
  return Object.entries(readObject(trimmed) ?? {})
    .filter(([, value]) => ['string', 'number', 'boolean'].includes(typeof value))
    .map(([name, value]) => [name, String(value)]);
}
