import { toResponse, type ScriptedRequest } from '../scripted.js';

/** The response of a mocked API: JSON, text, or a `Response`. */
export type MockedApiResponse = object | string | Response;

/**
 * The responses of a mocked API: by path below `apiBaseUrl`, such as `/user/repos`, optionally after a method, such as
 * `POST /user/repos`; or a function, which may return `undefined` for requests that it does not know.
 */
export type MockedApi =
  | Readonly<Record<string, MockedApiResponse>>
  | ((
      request: ScriptedRequest,
    ) => MockedApiResponse | undefined | Promise<MockedApiResponse | undefined>);

/** Returns the given response to an API request, if there is one. */
export async function apiResponse(
  api: MockedApi | undefined,
  request: ScriptedRequest,
  apiBaseUrl: string | undefined,
): Promise<Response | undefined> {
  const path = pathBelow(apiBaseUrl, request.url);
  const given =
    typeof api === 'function'
      ? await api(request)
      : (api?.[`${request.method} ${path}`] ?? api?.[path]);
  if (given === undefined) return undefined;
  // A response is read once, and may be given for many requests.
  return given instanceof Response ? given.clone() : toResponse(given);
}

function pathBelow(base: string | undefined, { origin, pathname }: URL): string {
  if (base === undefined || !URL.canParse(base)) return pathname;
  const { origin: home, pathname: start } = new URL(base);
  const prefix = start.replace(/\/$/, '');
  return origin === home && pathname.startsWith(`${prefix}/`)
    ? pathname.slice(prefix.length)
    : pathname;
}
