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
) as Record<Section, Vector[]>;

/** The OAuth 1.0a vectors of one section, as `[id, vector]` for `it.each`. */
export function vectors<T extends object>(section: Section): [string, Vector & T][] {
  return file[section].map((vector) => [vector.id, vector as Vector & T]);
}
