import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { GivenOptions, RegisterOptions } from './register-options.js';
import type { Params } from '../model/types.js';

/** Options that say where a provider is, so that no preset is looked for. */
const telling = [
  'requestTokenUrl',
  'openid2Endpoint',
  'authorizeUrl',
  'accessTokenUrl',
  'serverMetadataUrl',
  'issuer',
] as const;

/** Tells whether options say where the provider is. */
export function knowsProvider(options: GivenOptions): boolean {
  const known: object = isObject(options) ? options : {};
  return telling.some((option) => option in known);
}

/** What a build reads for variables that only run time has; no provider is described by it. */
export const unknownUntilRunTime = 'https://known-at-run-time.invalid';

/** Tells whether the configuration says where the provider is. */
export function isDescribed(configured: RegisterOptions): boolean {
  return telling.some((option) => configured[option] !== undefined);
}

/** Options of the configuration that are parameters: text of a query, or a JSON object. */
const paramOptions = new Set<string>([
  'authorizeParams',
  'requestTokenParams',
  'accessTokenParams',
  'refreshTokenParams',
]);

/** Options that the configuration may give beside the URLs. */
const otherOptions = new Set<string>([
  'clientId',
  'clientSecret',
  'apiKey',
  'scope',
  'tokenEndpointAuthMethod',
  ...paramOptions,
]);

/** Tells whether the configuration may give an option that is no URL. */
export function isConfigurable(option: string): boolean {
  return otherOptions.has(option);
}

/**
 * Reads the value that a variable gives an option.
 *
 * @throws OAuthError `invalid_options` for parameters that cannot be read
 */
export function readVariable(
  option: string,
  { variable, text }: { variable: string; text: string },
): string | Params {
  if (!paramOptions.has(option)) return text;
  if (!text.trimStart().startsWith('{')) return fromQuery(text);
  try {
    return JSON.parse(text) as Params;
  } catch {
    throw new OAuthError(
      'invalid_options',
      `${variable} in the configuration begins like a JSON object and is none. Write parameters as ` +
        '{"prompt":"consent"} or as prompt=consent&hd=example.com.',
    );
  }
}

/** Parameters of a query; a name that is repeated has a list. */
function fromQuery(text: string): Params {
  const pairs = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(pairs.keys())].map((name) => {
      const values = pairs.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}

/** The name under which configuration holds an option: `github`, `clientId` → `GITHUB_CLIENT_ID`. */
export function configName(name: string, option: string): string {
  return `${variablePrefix(name)}_${suffixOf(option)}`;
}

/** What the variables of one client begin with. */
export function variablePrefix(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

/** What the variables of one option end with. */
export function suffixOf(option: string): string {
  let suffix = suffixes.get(option);
  if (suffix === undefined) {
    suffix = option.replace(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase();
    suffixes.set(option, suffix);
  }
  return suffix;
}

/** The same few for every client, of which there may be a hundred thousand. */
const suffixes = new Map<string, string>();

/** The process environment, where the runtime has one. */
export function environment(): Record<string, string | undefined> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env ?? {};
}
