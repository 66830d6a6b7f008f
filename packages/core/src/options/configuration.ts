import { isObject } from '../platform/encoding.js';
import { builtinModule } from '../platform/node-builtins.js';
import { isPlain } from '../platform/validators.js';
import { OAuthError } from '../model/errors.js';
import type { GivenOptions, RegisterOptions } from './register-options.js';
import type { Params } from '../model/types.js';

/** Options that describe the provider, so that no preset is looked up. */
const describing = [
  'requestTokenUrl',
  'openid2Endpoint',
  'authorizeUrl',
  'accessTokenUrl',
  'serverMetadataUrl',
  'issuer',
] as const;

/** Returns whether options describe the provider. */
export function knowsProvider(options: GivenOptions): boolean {
  const known: object = isObject(options) ? options : {};
  return describing.some((option) => option in known);
}

/** Placeholder that a build reads for variables set only at run time; it describes no provider. */
export const unknownUntilRunTime = 'https://known-at-run-time.invalid';

/** Returns whether the configuration describes the provider. */
export function isDescribed(configured: RegisterOptions): boolean {
  return describing.some((option) => configured[option] !== undefined);
}

/** Configurable options that are parameters: a query string, or a JSON object. */
const paramOptions = new Set<string>([
  'authorizeParams',
  'requestTokenParams',
  'accessTokenParams',
  'refreshTokenParams',
]);

/** Configurable options other than URLs and parameters. */
const otherOptions = new Set<string>([
  'clientId',
  'clientSecret',
  'apiKey',
  'scope',
  'tokenEndpointAuthMethod',
  ...paramOptions,
]);

/** Returns whether the configuration may set an option that is not a URL. */
export function isConfigurable(option: string): boolean {
  return otherOptions.has(option);
}

/**
 * Parses the value of a configuration variable for an option.
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
      `${variable} in the configuration is not a valid JSON object. Write parameters as ` +
        '{"prompt":"consent"} or as prompt=consent&hd=example.com.',
    );
  }
}

/** Parses parameters from a query string; a repeated name becomes a list. */
function fromQuery(text: string): Params {
  const pairs = new URLSearchParams(text);
  return Object.fromEntries(
    [...new Set(pairs.keys())].map((name) => {
      const values = pairs.getAll(name);
      return [name, values.length > 1 ? values : (values[0] ?? '')];
    }),
  );
}

/** Returns the configuration variable of an option: `github`, `clientId` → `GITHUB_CLIENT_ID`. */
export function configName(name: string, option: string): string {
  return `${variablePrefix(name)}_${suffixOf(option)}`;
}

/** Returns the prefix of a client's configuration variables. */
export function variablePrefix(name: string): string {
  return name.replaceAll(/[^A-Za-z0-9]/g, '_').toUpperCase();
}

/** Returns the suffix of an option's configuration variables. */
export function suffixOf(option: string): string {
  let suffix = suffixes.get(option);
  if (suffix === undefined) {
    suffix = option.replace(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase();
    suffixes.set(option, suffix);
  }
  return suffix;
}

/** Cached because every client uses the same few, and there may be 100,000 clients. */
const suffixes = new Map<string, string>();

/**
 * Returns what follows a prefix in the variables that a configuration lists. `undefined` if it lists
 * more than `most`, or may have others, as a proxy and `process.env` have: then each is looked up.
 */
export function listedSuffixes(
  config: Readonly<Record<string, unknown>>,
  prefix: string,
  most: number,
): string[] | undefined {
  const util = builtinModule<{ types: { isProxy(value: unknown): boolean } }>('node:util');
  if (!util || util.types.isProxy(config) || !isPlain(config)) return undefined;
  const variables = Object.keys(config);
  if (variables.length > most) return undefined;
  return variables
    .filter((variable) => variable.startsWith(prefix))
    .map((variable) => variable.slice(prefix.length));
}

/** Returns the process environment, if the runtime has one. */
export function environment(): Record<string, string | undefined> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env ?? {};
}
