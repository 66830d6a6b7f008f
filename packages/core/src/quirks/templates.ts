import { mapMembers } from '../platform/encoding.js';
import type { Params } from '../model/types.js';
import { asText, readPath } from '../platform/paths.js';

/** Values for the placeholders of parameters and headers. */
export interface TemplateValues {
  client_id?: string | undefined;
  client_secret?: string | undefined;
  api_key?: string | undefined;
  state?: string | undefined;
  callback?: URLSearchParams | undefined;
  token?: object | undefined;
}

/** Only these are placeholders: a parameter may be JSON and contain braces. */
const placeholder = /\{(client_id|client_secret|api_key|state|(?:callback|token)\.[\w.[\]?-]+)\}/g;

interface FillOptions {
  encode?: ((text: string) => string) | undefined;
  /** The first group is the path. */
  placeholders?: RegExp;
}

/**
 * Replaces `{path}` placeholders by the encoded texts at their paths; a path without a source refers
 * to `$`. Returns `undefined` if there is no text at one of them.
 */
export function fillPaths(
  template: string,
  sources: Readonly<Record<string, unknown>>,
  { encode = String, placeholders = /\{([^{}]+)\}/g }: FillOptions = {},
): string | undefined {
  let complete = true;
  const filled = template.replace(placeholders, (_, path: string) => {
    const source = path.split(/[.[]/, 1)[0] ?? '';
    const value = asText(readPath(sources, Object.hasOwn(sources, source) ? path : `$.${path}`));
    complete &&= value !== undefined;
    return encode(value ?? '');
  });
  return complete ? filled : undefined;
}

/** Replaces the placeholders of a text; returns `undefined` if one has no value. */
export function fill(
  template: string,
  { callback = new URLSearchParams(), ...values }: TemplateValues,
  encode?: (text: string) => string,
): string | undefined {
  const sources = { ...values, callback: Object.fromEntries(callback) };
  return fillPaths(template, sources, { encode, placeholders: placeholder });
}

/** Replaces the placeholders of parameters; omits parameters with a missing value. */
export function fillParams<P extends Record<string, unknown> = Params>(
  params: P | undefined,
  values: TemplateValues,
): P {
  return mapMembers(params ?? {}, (value) =>
    typeof value === 'string' ? fill(value, values) : value,
  ) as P;
}

/** Sets headers from templates, overriding existing ones. */
export function setHeaders(
  headers: Headers,
  templates: Record<string, string> | undefined,
  values: TemplateValues,
): void {
  for (const [name, template] of Object.entries(templates ?? {})) {
    const value = fill(template, values);
    if (value !== undefined) headers.set(name, value);
  }
}
