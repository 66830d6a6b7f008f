import { toPairs, mapMembers } from '../../../platform/encoding.js';
import type { Params } from '../../../model/types.js';

/**
 * Parameters whose value may be an object, sent as JSON (OpenID Connect Core §5.5, RFC 9396 §2).
 */
const structured = ['claims', 'authorization_details'];

/** Parameters whose lists are sent as one space-separated string. */
const spaced = ['scope', 'acr_values', 'prompt', 'ui_locales', 'claims_locales'];

/** Returns the parameters of an OAuth 2 request as name-value pairs of strings. */
export function paramPairs(params: Record<string, unknown>): [string, string][] {
  return toPairs(textParams(params));
}

/** Returns the parameters by name, with objects and lists converted to strings. */
export function textParams(params: Record<string, unknown>): Params {
  return mapMembers(params, (value, name) => paramText(name, value) as Params[string]);
}

function paramText(name: string, value: unknown): unknown {
  if (spaced.includes(name) && Array.isArray(value)) return value.join(' ');
  const isJson = structured.includes(name) && typeof value === 'object' && value !== null;
  return isJson ? JSON.stringify(value) : value;
}
