import { oauth1Checks } from './oauth1.js';
import { oauth2Checks } from './oauth2.js';
import { openid2Checks } from './openid2.js';
import type { RegisterOptions } from './register-options.js';
import type { Protocol } from '../model/types.js';

/**
 * Options that applications pass to any preset; a preset whose protocol has no credentials ignores
 * them.
 */
const credentials: ReadonlySet<string> = new Set(['clientId', 'clientSecret']);

const named: Readonly<Record<Protocol, string>> = {
  oauth1: 'OAuth 1',
  oauth2: 'OAuth 2',
  openid2: 'OpenID 2.0',
};

const protocols: readonly Protocol[] = ['oauth1', 'oauth2', 'openid2'];
/** The options of each protocol. */
const optionsOf: Readonly<Record<Protocol, object>> = {
  oauth1: oauth1Checks,
  oauth2: oauth2Checks,
  openid2: openid2Checks,
};

function applies(option: string, protocol: Protocol): boolean {
  return Object.hasOwn(optionsOf[protocol], option);
}

/** Returns the protocol that a client's options select. */
export function protocolOf({
  openid2Endpoint,
  requestTokenUrl,
}: Pick<RegisterOptions, 'openid2Endpoint' | 'requestTokenUrl'>): Protocol {
  if (openid2Endpoint !== undefined) return 'openid2';
  return requestTokenUrl === undefined ? 'oauth2' : 'oauth1';
}

const selected: Readonly<Record<Protocol, string>> = {
  oauth1: '"requestTokenUrl" is given',
  oauth2: 'neither "requestTokenUrl" nor "openid2Endpoint" is given',
  openid2: '"openid2Endpoint" is given',
};

/** Reports an option of another protocol, which would be silently ignored. */
export function protocolProblem(
  name: string,
  options: Readonly<RegisterOptions>,
  spell: (option: string) => string = (option) => `"${option}"`,
): string | undefined {
  const protocol = protocolOf(options);
  const foreign = (Object.keys(options) as (keyof RegisterOptions)[]).find(
    (option) =>
      options[option] !== undefined &&
      !applies(option, protocol) &&
      !(options.provider !== undefined && credentials.has(option)),
  );
  if (foreign === undefined) return undefined;
  const why = selected[protocol].replaceAll(/"(\w+)"/g, (_, selecting: string) => spell(selecting));
  return (
    `${spell(foreign)} is an option of ${ownersOf(foreign)}; "${name}" is an ` +
    `${named[protocol]} client because ${why}. Remove one of them.`
  );
}

/**
 * Reports an option that a preset's protocol does not have, `spelled` as the application wrote it.
 */
export function presetProblem(
  preset: Readonly<RegisterOptions>,
  [option, spelled]: [option: string, spelled: string],
): string | undefined {
  const protocol = protocolOf(preset);
  if (applies(option, protocol)) return undefined;
  return (
    `${spelled} is an option of ${ownersOf(option)}; the preset "${preset.provider ?? ''}" describes an ` +
    `${named[protocol]} provider. Remove one of them: give the client another name, or options without the preset.`
  );
}

/** Returns the protocols that have an option. */
function ownersOf(option: string): string {
  return protocols
    .filter((owner) => applies(option, owner))
    .map((owner) => named[owner])
    .join(' and ');
}
