import type { RegisterOptions } from '../options/register-options.js';
import { scopeText } from '../platform/scope.js';
import type { BrowserRequest } from '../model/ports.js';
import type { AuthorizeParams } from '../model/types.js';
import { requestOf } from './request.js';
import type { RoutesOptions } from './options.js';

const maxLength = 2048;

/** The start of a login: its client, and its query or form. */
export interface GivenStart {
  name: string;
  options: Readonly<RegisterOptions>;
  given: URLSearchParams;
  /** Scopes that pages of the application require. */
  scopes: ReadonlySet<string>;
}

/** Returns the parameters of a start that `allowParams` allows; all others are ignored. */
export function allowedParams(
  { allowParams }: Pick<RoutesOptions, 'allowParams'>,
  { name, given }: Pick<GivenStart, 'name' | 'given'>,
): Record<string, string> {
  const allowed = allowParams && Object.hasOwn(allowParams, name) ? allowParams[name] : undefined;
  const pairs = (allowed ?? []).map((param) => [param, given.getAll(param)] as const);
  return Object.fromEntries(
    pairs.flatMap(([param, [value, ...others]]) =>
      value !== undefined && others.length === 0 && value.length <= maxLength
        ? [[param, value]]
        : [],
    ),
  );
}

/**
 * Returns the parameters of this authorization request: the application's, over the allowed ones of
 * the start.
 */
export async function startParams(
  browser: BrowserRequest,
  start: GivenStart,
  routes: Pick<RoutesOptions, 'params' | 'allowParams' | 'scopes'>,
): Promise<AuthorizeParams> {
  const own = await routes.params?.({ client: start.name, ...requestOf(browser) });
  const params: AuthorizeParams = { ...allowedParams(routes, start), ...own };
  const scope = wantedScope(start, { scopes: routes.scopes, own: params['scope'] });
  return { ...params, ...(scope === undefined ? {} : { scope }) };
}

/** Returns the scope of this start, if it requests additional scopes that `scopes` allows. */
function wantedScope(
  { name, options, given, scopes: required }: GivenStart,
  { scopes, own }: Pick<RoutesOptions, 'scopes'> & { own: AuthorizeParams[string] },
): string | undefined {
  const allowed = scopes && Object.hasOwn(scopes, name) ? scopes[name] : undefined;
  const asked = given
    .getAll('scope')
    .flatMap((text) => text.split(' '))
    .filter((one) => allowed?.includes(one) || required.has(one));
  if (asked.length === 0) return undefined;
  const base = own === undefined ? options.scope : (own as RegisterOptions['scope']);
  return [...new Set([...(scopeText(base)?.split(' ') ?? []), ...asked])].join(' ');
}
