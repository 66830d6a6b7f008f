import { readFileSync } from 'node:fs';

/** A test vector; which fields it has depends on its section. */
export interface Vector {
  id: string;
  note?: string;
  [field: string]: unknown;
}

type Section =
  | 'percent_encoding'
  | 'percent_encoding_errors'
  | 'form_decode'
  | 'normalize'
  | 'base_string_uri'
  | 'base_string_uri_errors'
  | 'base_string'
  | 'signature'
  | 'full'
  | 'authorization_header'
  | 'token_response'
  | 'callback'
  | 'body_hash';

const file = JSON.parse(
  readFileSync(new URL('oauth1-vectors.json', import.meta.url), 'utf8'),
) as Record<Section, Vector[]> & { keys: Record<string, { private_jwk: JsonWebKey }> };

/** The OAuth 1.0a vectors of one section, as `[id, vector]` for `it.each`. */
export function vectors<T extends object>(section: Section): [string, Vector & T][] {
  return file[section].map((vector) => [vector.id, vector as Vector & T]);
}

/** A published RSA key, which vectors name. */
export function testKey(name: string): JsonWebKey {
  const key = file.keys[name]?.private_jwk;
  if (key === undefined) throw new Error(`The vectors have no key "${name}".`);
  return key;
}

/** How many vectors each section has. */
export function sectionSizes(): Record<string, number> {
  const lists = Object.entries(file).filter(([, value]) => Array.isArray(value));
  return Object.fromEntries(lists.map(([section, list]) => [section, Object.keys(list).length]));
}
