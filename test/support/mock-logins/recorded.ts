import { byName } from '@oauth-registry/core/providers';
import type { RegisterOptions } from '@oauth-registry/core';
import samples from '../../data/provider-samples.json' with { type: 'json' };
import { matches, type Script } from '../scripted.js';

interface Recorded extends Script {
  /** Values of the URL variables of the preset. */
  variables?: Record<string, string>;
  /** The claims that the preset reads from the responses. */
  expect: Record<string, unknown>;
}

const recorded = samples as unknown as Readonly<Record<string, Recorded>>;

/** Options that presets require and that no sample contains. */
const required: Readonly<Record<string, RegisterOptions>> = {
  ebay: { redirectUriAlias: 'App-Name' },
};

/** Presets whose servers are found at run time: only the claims are served. */
const claimsOnly: ReadonlySet<string> = new Set(['bluesky', 'indieauth']);

/** The recorded responses of a preset. */
export interface RecordedPreset {
  /** Absent if the responses of a login depend on the user's server. */
  script?: Script;
  /** The claims that the preset reads from the responses. */
  claims: Record<string, unknown>;
  /** The options of a client of the preset. */
  options: RegisterOptions;
}

/** Returns the recorded responses of the preset of a client: several presets may be of one provider. */
export function recordedPreset(options: Readonly<RegisterOptions>): RecordedPreset | undefined {
  if (options.provider === undefined) return undefined;
  return Object.keys(recorded)
    .map(read)
    .find((found) => isPresetOf(found.options, options));
}

function read(preset: string): RecordedPreset {
  const { variables, expect: claims, ...script } = recorded[preset] as Recorded;
  const given = { clientId: 'app', clientSecret: 'secret', ...required[preset], ...variables };
  // No secret of the provider signs the callback of a mocked login.
  const options = { ...byName(preset)(given), validateCallback: undefined };
  return { ...(claimsOnly.has(preset) ? {} : { script }), claims, options };
}

function isPresetOf(preset: RegisterOptions, options: Readonly<RegisterOptions>): boolean {
  const sameProtocol = (['requestTokenUrl', 'openid2Endpoint'] as const).every(
    (name) => (preset[name] === undefined) === (options[name] === undefined),
  );
  const { provider, authorizeUrl } = options;
  return preset.provider === provider && sameProtocol && isAt(preset.authorizeUrl, authorizeUrl);
}

/** Returns whether a URL is that of a template, with its variables or with their values. */
function isAt(template: string | undefined, url: string | undefined): boolean {
  return (
    template === url || (url !== undefined && URL.canParse(url) && matches(template, new URL(url)))
  );
}
