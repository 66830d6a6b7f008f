import { isObject } from '../platform/encoding.js';
import { nearestName } from '../platform/suggestions.js';
import { OAuthError } from '../model/errors.js';
import type { GivenOptions, RegisterOptions } from '../options/register-options.js';
import { aliases } from './aliases.js';
import { isDescribed, unknownUntilRunTime } from '../options/configuration.js';
import { presetProblem } from '../options/protocols.js';
import * as living from './living.js';
import * as retired from './retired.js';

/** The preset names of active providers. */
export type PresetName = keyof typeof living;

/** The preset names of OAuth 1.0a providers. */
export type OAuth1PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { requestTokenUrl: string } ? N : never;
}[PresetName];

/** The preset names of OpenID 2.0 providers. */
export type OpenID2PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { openid2Endpoint: string } ? N : never;
}[PresetName];

/** The preset names of active providers, in order. */
export const names: readonly PresetName[] = Object.keys(living) as PresetName[];

type AnyPreset = (options?: GivenOptions & Record<string, unknown>) => RegisterOptions;

/**
 * Returns a preset by its name or an alternative name, or `undefined`. The preset of a retired
 * provider throws when called.
 */
function findPreset(name: string): AnyPreset | undefined {
  const preset = Object.hasOwn(aliases, name) ? aliases[name] : name;
  const presets: [string, AnyPreset][] = [
    ...Object.entries(living),
    ...Object.entries(retired),
  ] as never;
  return presets.find(([known]) => known === preset)?.[1];
}

/**
 * Returns a preset by its name, for applications that configure their providers. Accepts
 * alternative names, such as `azure`, `x` and `stackoverflow`.
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

/** Options of the preset lookup. */
interface PresetSearch {
  /** The client's name, if it may select a preset. */
  name?: string | undefined;
  /** Reads a URL variable from the configuration; other options may depend on it. */
  lookUp?: ((variable: string) => string | undefined) | undefined;
  /** Reads the configuration of a client with these options. */
  configured?: ((own: RegisterOptions) => RegisterOptions) | undefined;
  /** Returns the configuration variable of an option. */
  variableOf?: ((option: string) => string) | undefined;
}

/**
 * Merges the options over those of a preset: the one they name, or the one with the client's name.
 * The configuration is merged over the preset too.
 *
 * @throws OAuthError `invalid_options` for a configuration variable that the preset's protocol does not use
 */
export function withPreset(given: GivenOptions, search: PresetSearch = {}): RegisterOptions {
  if (!isObject(given)) return given;
  // URL objects are converted by the preset, or by register().
  const options = given as RegisterOptions;
  const { preset: named, ...own } = options;
  if (named === undefined && search.name === undefined) return options;
  if (named !== undefined && typeof named !== 'string') return options;
  const configured = search.configured?.(own) ?? {};
  const preset = named === undefined ? presetOf(search.name, configured) : byName(named);
  if (!preset) return options;
  refuseForeign(preset({}), configured, search);
  const above = { ...own, ...configured };
  const open = Object.keys(preset(above).urlVariables ?? {}).filter(
    (variable) => own.urlVariables?.[variable]?.value === undefined,
  );
  const values = open.map((variable) => [variable, search.lookUp?.(variable)]);
  return preset({ ...Object.fromEntries(values), ...above });
}

/** Returns the preset with the client's name, unless the configuration conflicts with it. */
function presetOf(name: string | undefined, configured: RegisterOptions): AnyPreset | undefined {
  if (name === undefined || configured.serverMetadataUrl === unknownUntilRunTime) return undefined;
  const isRetired = Object.hasOwn(retired, name);
  return isRetired && isDescribed(configured) ? undefined : findPreset(name);
}

function refuseForeign(
  preset: RegisterOptions,
  configured: RegisterOptions,
  { variableOf }: PresetSearch,
): void {
  for (const option of Object.keys(configured)) {
    const spelled = `${variableOf?.(option) ?? option} in the configuration`;
    const problem = presetProblem(preset, [option, spelled]);
    if (problem) throw new OAuthError('invalid_options', problem);
  }
}

/**
 * Returns the preset that a misspelt client name probably means, or `undefined` if it may be the
 * application's own name.
 */
export function presetNear(name: string): PresetName | undefined {
  const most = name.length < 4 ? 0 : name.length < 5 ? 1 : 2;
  return nearestName(name, names as string[], most) as PresetName | undefined;
}
