import type { Params } from '../model/types.js';
import { asText, readPath } from './paths.js';

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

/** Replaces the placeholders of a text; returns `undefined` if one has no value. */
export function fill(
  template: string,
  values: TemplateValues,
  encode: (text: string) => string = (text) => text,
): string | undefined {
  let complete = true;
  const filled = template.replace(placeholder, (_, path: string) => {
    const value = templateValue(path, values);
    complete &&= value !== undefined;
    return encode(value ?? '');
  });
  return complete ? filled : undefined;
}

function templateValue(path: string, { callback, ...values }: TemplateValues): string | undefined {
  if (path.startsWith('callback.')) return callback?.get(path.slice(9)) ?? undefined;
  return asText(readPath(values, path));
}

/** Replaces the placeholders of parameters; omits parameters with a missing value. */
export function fillParams<P extends Record<string, unknown> = Params>(
  params: P | undefined,
  values: TemplateValues,
): P {
  return Object.fromEntries(
    Object.entries(params ?? {}).map(([name, value]) => [
      name,
      typeof value === 'string' ? fill(value, values) : value,
    ]),
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
