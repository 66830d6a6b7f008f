import { nearestName } from '../nearest.js';
import { OAuthError } from '../errors.js';
import type { RegisterOptions } from '../option-types.js';
import * as living from './living.js';
import * as retired from './retired.js';

/** The names of the presets of living providers. */
export type PresetName = keyof typeof living;

/** The names of those that speak OAuth 1.0a. */
export type OAuth1PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { requestTokenUrl: string } ? N : never;
}[PresetName];

/** The names of the presets of living providers, in order. */
export const names: readonly PresetName[] = Object.keys(living) as PresetName[];

type AnyPreset = (options?: RegisterOptions & Record<string, unknown>) => RegisterOptions;

/** Finds a preset by its name: `undefined` where there is none; one of a retired provider throws when called. */
export function findPreset(name: string): AnyPreset | undefined {
  const presets: [string, AnyPreset][] = [
    ...Object.entries(living),
    ...Object.entries(retired),
  ] as never;
  return presets.find(([known]) => known === name)?.[1];
}

/**
 * Finds a preset by its name, for applications whose configuration says which providers there are.
 *
 * @example
 * ```ts
 * for (const name of config.providers) oauth.register(name, byName(name)());
 * ```
 *
 * @throws OAuthError `invalid_options` for a name that no preset has
 */
export function byName<N extends PresetName>(name: N): (typeof living)[N];
export function byName(name: string): AnyPreset;
export function byName(name: string): AnyPreset {
  const preset = findPreset(name);
  if (preset) return preset;
  const near = nearestName(name, names as string[]);
  throw new OAuthError(
    'invalid_options',
    `There is no preset "${name}". ${near ? `Did you mean "${near}"?` : 'Describe the provider with the options of register().'}`,
  );
}
