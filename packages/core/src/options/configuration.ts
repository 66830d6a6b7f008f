import { isObject } from '../encoding.js';
import type { GivenOptions, OAuthOptions } from '../option-types.js';

/** Tells whether options or configuration say where the provider is. */
export function knowsProvider(
  name: string,
  options: GivenOptions,
  config: NonNullable<OAuthOptions['config']> = environment(),
): boolean {
  const telling = [
    'requestTokenUrl',
    'openid2Endpoint',
    'authorizeUrl',
    'accessTokenUrl',
    'serverMetadataUrl',
    'issuer',
  ];
  const known: object = isObject(options) ? options : {};
  return telling.some((option) => option in known || config[configName(name, option)]);
}

/** The name under which configuration holds an option: `github`, `clientId` → `GITHUB_CLIENT_ID`. */
export function configName(name: string, option: string): string {
  let suffix = suffixes.get(option);
  if (suffix === undefined) {
    suffix = option.replace(/[A-Z]/g, '_$&').replaceAll('-', '_').toUpperCase();
    suffixes.set(option, suffix);
  }
  return `${name.replaceAll('-', '_').toUpperCase()}_${suffix}`;
}

/** The same few for every client, of which there may be a hundred thousand. */
const suffixes = new Map<string, string>();

/** The process environment, where the runtime has one. */
export function environment(): Record<string, string | undefined> {
  const { process } = globalThis as { process?: { env?: Record<string, string | undefined> } };
  return process?.env ?? {};
}
