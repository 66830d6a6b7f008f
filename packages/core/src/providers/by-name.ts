import { isObject } from '../platform/encoding.js';
import { nearestName } from '../platform/suggestions.js';
import { OAuthError } from '../model/errors.js';
import type { GivenOptions, RegisterOptions } from '../options/register-options.js';
import { aliases } from './aliases.js';
import { isDescribed, unknownUntilRunTime } from '../options/configuration.js';
import { presetProblem } from '../options/protocols.js';
import * as living from './living.js';
import * as retired from './retired.js';

/** The names of the presets of living providers. */
export type PresetName = keyof typeof living;

/** The names of those that speak OAuth 1.0a. */
export type OAuth1PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { requestTokenUrl: string } ? N : never;
}[PresetName];

/** The names of those that speak OpenID 2.0. */
export type OpenID2PresetName = {
  [N in PresetName]: ReturnType<(typeof living)[N]> extends { openid2Endpoint: string } ? N : never;
}[PresetName];

/** The names of the presets of living providers, in order. */
export const names: readonly PresetName[] = Object.keys(living) as PresetName[];

type AnyPreset = (options?: GivenOptions & Record<string, unknown>) => RegisterOptions;

/**
 * Finds a preset by its name, or another name of the provider: `undefined` where there is none; one of a
 * retired provider throws when called.
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
 * Finds a preset by its name, for applications whose configuration says which providers there are. Other
 * names that people know a provider by are understood too: `azure`, `x`, `stackoverflow`.
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

/** How a preset is found that is not given as options. */
interface PresetSearch {
  /** The client's name, if a preset of that name would be meant. */
  name?: string | undefined;
  /** Finds the value of a url variable in the configuration: other options may follow from it. */
  lookUp?: ((variable: string) => string | undefined) | undefined;
  /** Reads what the configuration says of a client with these options. */
  configured?: ((own: RegisterOptions) => RegisterOptions) | undefined;
  /** Names the variable of an option. */
  variableOf?: ((option: string) => string) | undefined;
}

/**
 * The options over those of a preset: the one they name, or the one of the client's name, if any. What the
 * configuration says is laid over the preset too.
 *
 * @throws OAuthError `invalid_options` for a variable that the preset's protocol has no option for
 */
export function withPreset(given: GivenOptions, search: PresetSearch = {}): RegisterOptions {
  if (!isObject(given)) return given;
  // URL objects are read by the preset, or else by register().
  const options = given as RegisterOptions;
  const { preset: named, ...own } = options;
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

/** The preset of a client's name, unless the configuration describes what the preset cannot. */
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
 * The preset that a misspelt client name was probably meant to be; `undefined` if it could be a name of the
 * application's own.
 */
export function presetNear(name: string): PresetName | undefined {
  const most = name.length < 4 ? 0 : name.length < 5 ? 1 : 2;
  return nearestName(name, names as string[], most) as PresetName | undefined;
}
