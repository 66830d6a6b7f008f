import { toPairs } from '../platform/encoding.js';
import type { RegisterOptions } from './register-options.js';
import type { ResourceRequest } from '../model/types.js';
import { fill, fillParams, setHeaders, type TemplateValues } from '../quirks/templates.js';

type Options = Pick<
  RegisterOptions,
  | 'userinfo'
  | 'headers'
  | 'apiParams'
  | 'apiKey'
  | 'clientId'
  | 'clientSecret'
  | 'userinfoSignedResponseAlg'
  | 'userinfoEncryptedResponseAlg'
>;

/** Builds the userinfo request: by GET unless the provider requires another method. */
export function userRequest(endpoint: string, options: Options, token: object): ResourceRequest {
  const { method, params, json, form } = options.userinfo ?? {};
  const values = templateValues(options, token);
  const url = new URL((endpoint.includes('{') && fill(endpoint, values)) || endpoint);
  for (const [name, value] of params ? toPairs(fillParams(params, values)) : [])
    url.searchParams.set(name, value);
  const isJwt = options.userinfoSignedResponseAlg ?? options.userinfoEncryptedResponseAlg;
  const headers: Record<string, string> = {
    accept: isJwt ? 'application/jwt' : 'application/json',
    ...(json === undefined ? {} : { 'content-type': 'application/json' }),
  };
  const body = form === undefined ? null : new URLSearchParams(toPairs(fillParams(form, values)));
  return {
    method: method ?? (json === undefined && body === null ? 'GET' : 'POST'),
    url,
    headers,
    body: json === undefined ? body : JSON.stringify(json),
  };
}

/** Adds the headers and parameters that a provider requires on every API call. */
export function dressApiRequest(
  request: ResourceRequest,
  options: Options,
  token: object | undefined,
): ResourceRequest {
  if (options.headers?.api === undefined && options.apiParams === undefined) return request;
  const values = templateValues(options, token);
  const wanted = new Headers();
  setHeaders(wanted, options.headers?.api, values);
  const headers = { ...request.headers };
  for (const [name, value] of wanted) {
    // Our default is "application/json"; a value set by the caller is preserved.
    if ((headers[name] ?? 'application/json') === 'application/json') headers[name] = value;
  }
  const url = new URL(request.url);
  for (const [name, value] of toPairs(fillParams(options.apiParams, values))) {
    if (!url.searchParams.has(name)) url.searchParams.set(name, value);
  }
  return { ...request, headers, url };
}

function templateValues(
  { clientId, clientSecret, apiKey }: Options,
  token: object | undefined,
): TemplateValues {
  return { client_id: clientId, client_secret: clientSecret, api_key: apiKey, token };
}
