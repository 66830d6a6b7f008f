import type { HttpRequest } from '../platform/http/http.js';
import type { QuirkOptions, RequestShape, TokenRequestShape } from './types.js';
import { setHeaders, type TemplateValues } from './templates.js';

/** A request in its standard form. */
export interface FormOnItsWay {
  url: string;
  headers: Headers;
  body: URLSearchParams;
}

/** Renames parameters to the provider's names. */
export function renameParams(params: URLSearchParams, names: QuirkOptions['paramNames']): void {
  for (const [standard, own] of Object.entries(names ?? {})) {
    const values = params.getAll(standard);
    if (values.length === 0) continue;
    params.delete(standard);
    for (const value of values) params.append(own, value);
  }
}

/** Adds the provider's headers, and renames parameters to its names. */
export function dress(
  { headers, body }: FormOnItsWay,
  options: Pick<QuirkOptions, 'headers' | 'paramNames'>,
  values: TemplateValues,
): void {
  setHeaders(headers, options.headers?.token, values);
  renameParams(body, options.paramNames);
}

/** Serializes a request as the provider expects it: as a form, as JSON, or in the URL's query. */
export function shapeRequest(
  form: FormOnItsWay,
  {
    method = 'POST',
    body: kind,
    paramNames,
  }: RequestShape & Pick<TokenRequestShape, 'paramNames'> = {},
): Omit<HttpRequest, 'what'> {
  // A copy: the errors of the response are read by the standard names.
  const body = paramNames ? new URLSearchParams(form.body) : form.body;
  renameParams(body, paramNames);
  if (kind === 'query' || (method !== 'POST' && kind === undefined)) {
    const url = new URL(form.url);
    for (const [name, value] of body) url.searchParams.append(name, value);
    return { method, url, headers: form.headers };
  }
  if (kind !== 'json') return { ...form, method, body };
  form.headers.set('content-type', 'application/json');
  return { ...form, method, body: JSON.stringify(Object.fromEntries(body)) };
}
