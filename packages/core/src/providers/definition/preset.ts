import { filterMembers, isObject, mapMembers, percentDecoded } from '../../platform/encoding.js';
import { issuerOf, publicAuthority } from '../../options/authority.js';
import { fillUrlVariables, withPatterns } from '../../quirks/url-variables.js';
import { isHost } from '../../platform/url-templates.js';
import { OAuthError } from '../../model/errors.js';
import type {
  OAuth1Options,
  OAuth2Options,
  OpenId2Options,
  RegisterOptions,
  UrlVariable,
  WithUrlObjects,
} from '../../options/register-options.js';

/**
 * Options of a preset: all options of `register()`, which take precedence over the preset, and the
 * URL variables of the provider.
 */
export type PresetOptions<
  V extends string = never,
  Options = OAuth2Options,
> = WithUrlObjects<Options> & {
  readonly [variable in V]?: string | URL | undefined;
};

/** A preset of an OAuth 2 or OpenID Connect provider. Returns options for `register()`. */
export type OAuth2Preset<V extends string = never> = (
  options?: PresetOptions<V>,
) => RegisterOptions & { requestTokenUrl?: undefined };

/** A preset of an OAuth 1.0a provider. Returns options for `register()`. */
export type OAuth1Preset<V extends string = never> = (
  options?: PresetOptions<V, OAuth1Options>,
) => RegisterOptions & { requestTokenUrl: string };

/** A preset of an OpenID 2.0 provider. Returns options for `register()`. */
export type OpenID2Preset = (
  options?: PresetOptions<never, OpenId2Options>,
) => RegisterOptions & { openid2Endpoint: string };

/** Options whose members are merged individually. */
const layered = /^(?:.+Params|headers|profile|userinfo)$/;

/** Creates a preset of an OAuth 2 or OpenID Connect provider. */
export function oauth2Preset<V extends string = never>(
  definition: RegisterOptions & { urlVariables?: Record<V, UrlVariable> },
): OAuth2Preset<V> {
  // A `requestTokenUrl` is passed on, and `register()` rejects it.
  return (options = {}) =>
    ({ requestTokenUrl: undefined, ...merge(definition, options) }) as ReturnType<OAuth2Preset<V>>;
}

/** Creates a preset of an OAuth 1.0a provider. */
export function oauth1Preset<V extends string = never>(
  definition: RegisterOptions & { requestTokenUrl: string; urlVariables?: Record<V, UrlVariable> },
): OAuth1Preset<V> {
  return (options = {}) => {
    const { requestTokenUrl = definition.requestTokenUrl, ...merged } = merge(definition, options);
    return { ...merged, requestTokenUrl };
  };
}

/** Creates a preset of an OpenID 2.0 provider. */
export function openid2Preset(
  definition: RegisterOptions & { openid2Endpoint: string },
): OpenID2Preset {
  return (options = {}) => {
    const { openid2Endpoint = definition.openid2Endpoint, ...merged } = merge(definition, options);
    return { ...merged, openid2Endpoint };
  };
}

/** Returns the value of a URL variable, given in either form. */
export function urlVariableValue<V extends string>(
  options: PresetOptions<V>,
  variable: V,
): string | URL | undefined {
  const { [variable]: value }: { readonly [variable in V]?: string | URL | undefined } = options;
  return value ?? options.urlVariables?.[variable]?.value;
}

/** Creates the preset of a retired provider, which throws with the date and the replacement. */
export function retired(since: string, why: string, instead?: string): () => never {
  return () => {
    throw new OAuthError(
      'invalid_options',
      `This provider has had no login since ${since}: ${why}. ` +
        `${instead === undefined ? 'There is no replacement.' : `Use the preset "${instead}".`}`,
    );
  };
}

function merge(preset: RegisterOptions, urls: PresetOptions<string>): RegisterOptions {
  // Issuers are compared character by character: an empty path becomes a slash if the preset's has
  // one.
  const bare = !`${preset.issuer}`.endsWith('/');
  const options: TextOptions = mapMembers(urls, (value, name) => {
    if (!(value instanceof URL)) return value;
    return bare && name === 'issuer' && value.pathname === '/' ? value.origin : value.href;
  });
  const definition = located(preset, options);
  const { urlVariables = {} } = definition;
  const own: RegisterOptions = filterMembers(
    options,
    (value, name) => value !== undefined && !Object.hasOwn(urlVariables, name),
  );
  return {
    publicAuthority: publicAuthority(preset),
    ...moved(definition, own),
    ...mapMembers(own, (value, name) => {
      const { [name as keyof RegisterOptions]: base } = definition;
      return layered.test(name) && isObject(base) && isObject(value)
        ? { ...base, ...value }
        : value;
    }),
    ...withValues(withPatterns(urlVariables, definition), options),
  };
}

/** The options of a preset without `URL` objects. */
type TextOptions = RegisterOptions & { readonly [variable: string]: unknown };

/** Returns the parts of a preset that apply to a provider at other URLs. */
function moved(definition: RegisterOptions, own: RegisterOptions): RegisterOptions {
  const { serverMetadataUrl, apiBaseUrl: home } = definition;
  if (serverMetadataUrl !== undefined && (own.serverMetadataUrl ?? own.issuer) !== undefined) {
    return filterMembers(definition, (_, name) => !place.test(name));
  }
  const { apiBaseUrl } = own;
  if (apiBaseUrl === undefined || home === undefined) return definition;
  return mapMembers(definition, (value, name) =>
    name.endsWith('Endpoint') && typeof value === 'string' && value.startsWith(home)
      ? apiBaseUrl.replace(/\/?$/, '/') + value.slice(home.length)
      : value,
  );
}

/** Options that hold the issuer or a URL of the provider. */
const place =
  /^(?:issuer|serverMetadataUrl|jwksUri|authorizeUrl|accessTokenUrl|refreshTokenUrl|\w+Endpoint)$/;

/**
 * Resolves a preset whose issuer or metadata URL the application sets. The URL variables are read
 * from that URL; options with unknown variables are removed and read from the metadata.
 */
function located(definition: RegisterOptions, options: TextOptions): RegisterOptions {
  const { urlVariables = {}, serverMetadataUrl, authorizeUrl, accessTokenUrl } = definition;
  const names = Object.keys(urlVariables);
  const issuer = issuerOf(options);
  const isGiven = (name: string): boolean => urlVariableValue(options as never, name) !== undefined;
  if (issuer === undefined || names.length === 0 || names.some(isGiven)) return definition;
  const template = issuerOf(definition) ?? '';
  const values = readVariables(template, issuer, names);
  const unread = filterMembers(urlVariables, (_, name) => values[name] === undefined);
  // Defaults apply only to variables that are not part of the provider's host or issuer.
  const known = filterMembers(
    unread,
    (variable, name) =>
      variable.default !== undefined &&
      !`${template} ${serverMetadataUrl}`.includes(`{${name}}`) &&
      !isHost({ authorizeUrl, accessTokenUrl }, name),
  );
  const open = Object.keys(unread).filter((name) => known[name] === undefined);
  const filled = fillUrlVariables(definition, Object.entries(values));
  return {
    ...filterMembers(
      filled,
      (value) => !open.some((name) => JSON.stringify(value)?.includes(`{${name}}`)),
    ),
    urlVariables: known,
  };
}

/** Reads the variables of a template from a matching URL. */
function readVariables(template: string, url: string, names: string[]): Record<string, string> {
  const pattern = names.reduce(
    (text, name) =>
      text
        .replace(`https://\\{${name}\\}`, `(?:https://)?(?<${name}>.+)`)
        .replace(
          `\\{${name}\\}`,
          text.includes(`https://\\{${name}\\}`) ? `\\k<${name}>` : `(?<${name}>[^/]+)`,
        )
        .replaceAll(`\\{${name}\\}`, `\\k<${name}>`),
    template.replace(/[.*+?^${}()|[\]\\]/g, '\\$&'),
  );
  return mapMembers(
    new RegExp(`^${pattern}$`).exec(url)?.groups ?? {},
    (text) => percentDecoded(text) ?? text,
  );
}

function withValues(
  variables: Record<string, UrlVariable>,
  options: TextOptions,
): Pick<RegisterOptions, 'urlVariables'> {
  const all = { ...variables, ...options.urlVariables };
  if (Object.keys(all).length === 0) return {};
  return {
    urlVariables: mapMembers(all, (variable, name) => {
      const value = Object.hasOwn(variables, name) ? options[name] : undefined;
      return typeof value === 'string' ? { ...variable, value } : variable;
    }),
  };
}
