import { jwtBearer } from './assertion.js';
import { apiUrl, checkAll, url, type Check } from '../platform/validators.js';
import { withReceived } from '../platform/received.js';
import { isObject, mapMembers, textUrls } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import {
  configName,
  environment,
  isConfigurable,
  listedSuffixes,
  readVariable,
  suffixOf,
  variablePrefix,
} from './configuration.js';
import type { GivenOptions, RegisterOptions } from './register-options.js';
import type { OAuthOptions } from './registry-options.js';
import { checkSignatureMethod, oauth1Checks, signsWithSecret } from './oauth1.js';
import { oauth2Checks, oauth2Problem } from './oauth2.js';
import { openid2Checks, openid2Problem } from './openid2.js';
import { protocolOf, protocolProblem } from './protocols.js';
import { freezeMembers } from './freeze.js';
import { asksForOpenId } from '../platform/scope.js';
import { questionsOf } from './server-choice.js';
import { fillUrlVariables, settledValues, settleVariables } from '../quirks/url-variables.js';

type Config = NonNullable<OAuthOptions['config']>;

/** The name of a client, and its configuration. */
interface Source {
  name: string;
  config: Config;
}

const registerChecks: Record<keyof RegisterOptions, Check> = {
  ...oauth2Checks,
  ...oauth1Checks,
  ...openid2Checks,
};

/** Returns the clients of an object, by name. */
export function readClients(
  given: unknown,
  caller: string,
): [name: string, options: GivenOptions][] {
  if (isObject(given)) return Object.entries(given as Record<string, GivenOptions>);
  const problem = withReceived('the clients must be an object of options by client name', given);
  throw new OAuthError('invalid_options', `${caller}: ${problem}.`);
}

/** Completes the options of a client from the configuration, validates them, and freezes a copy. */
export function readRegisterOptions(
  name: string,
  given: GivenOptions,
  config: Config = environment(),
): Readonly<RegisterOptions> {
  const caller = `register('${name}')`;
  if (!isObject(given)) {
    throw new OAuthError(
      'invalid_options',
      `${caller}: ${presetHint(given) ?? withReceived('the options must be an object', given)}.`,
    );
  }
  const own: RegisterOptions = textUrls(given);
  // Once frozen, a spread object takes twice the memory in V8.
  const written: RegisterOptions = Object.fromEntries([
    ...Object.entries(own),
    ...Object.entries(fromConfig(name, own, config)),
  ]);
  const { urlVariables, resource } = written;
  const filled = urlVariables === undefined ? written : withVariables(name, written, config);
  const checks = isObject(urlVariables)
    ? { ...mapMembers(urlVariables, () => ofPreset), ...registerChecks }
    : registerChecks;
  checkAll(filled, checks, caller);
  const options = freezeMembers(
    resource === undefined ? filled : { apiBaseUrl: resource, ...filled },
  );
  checkTogether(options, { name, config });
  return options;
}

/** Returns options with the values of their URL variables, given or configured, filled in. */
function withVariables(name: string, options: RegisterOptions, config: Config): RegisterOptions {
  const { urlVariables = {}, servers } = options;
  checkAll({ urlVariables }, registerChecks, `register('${name}')`);
  const settled = settleVariables(urlVariables, {
    lookUp: (variable) => config[configName(name, variable)],
    choosing: servers !== undefined,
    options,
  });
  return fillUrlVariables({ ...options, urlVariables: settled }, settledValues(settled));
}

/** Rejects a URL variable next to a preset that was called without it; it would have no effect. */
const ofPreset: Check = () =>
  'is a URL variable of the preset: pass it in the preset call, or in "urlVariables"';

/** Returns a hint if the options are a preset that was not called. */
function presetHint(given: unknown): string | undefined {
  return typeof given === 'function'
    ? 'the options must be an object, but are a function: if it is a preset, call it with its options'
    : undefined;
}

/** Names an option, and the configuration variable it comes from. */
function spelled(
  option: string,
  { name, options, config }: { name: string; options: RegisterOptions; config: Config },
): string {
  const variable = configName(name, option);
  const { [option as keyof RegisterOptions]: value } = options;
  const { [variable]: written = '' } = config;
  const isConfigured =
    written !== '' &&
    JSON.stringify(readVariable(option, { variable, text: written })) === JSON.stringify(value);
  return isConfigured ? `"${option}" (${variable} in the configuration)` : `"${option}"`;
}

function isUrlText(option: keyof RegisterOptions): boolean {
  return (
    registerChecks[option] === url ||
    registerChecks[option] === apiUrl ||
    option === 'issuer' ||
    option === 'resource' ||
    option === 'clientIdMetadataUrl'
  );
}

/** Options that the configuration may set, by the suffix of their variables. */
const configurable: ReadonlyMap<string, keyof RegisterOptions> = new Map(
  (Object.keys(registerChecks) as (keyof RegisterOptions)[])
    .filter((option) => isUrlText(option) || isConfigurable(option))
    .map((option) => [suffixOf(option), option]),
);

const suffixes: readonly string[] = [...configurable.keys()];

/**
 * Returns the URLs among a client's options, by option, except those that only a token completes.
 */
export function optionUrls(options: Readonly<RegisterOptions>): [option: string, url: string][] {
  const urls: [option: string, url: string][] = [];
  for (const option of Object.keys(options) as (keyof RegisterOptions)[]) {
    const { [option]: value } = options;
    const isUrl = typeof value === 'string' && isUrlText(option);
    if (isUrl && !value.startsWith('{')) urls.push([option, value]);
  }
  return urls;
}

/** Returns the options that the configuration sets: those not given, or all with `overwrite`. */
export function fromConfig(
  name: string,
  given: RegisterOptions,
  config: Config = environment(),
): RegisterOptions {
  const prefix = `${variablePrefix(name)}_`;
  const found: Record<string, unknown> = {};
  const listed = listedSuffixes(config, prefix, suffixes.length);
  for (const suffix of listed ?? suffixes) {
    const option = configurable.get(suffix);
    if (option === undefined || (given.overwrite !== true && given[option] !== undefined)) continue;
    const variable = prefix + suffix;
    const { [variable]: text } = config;
    if (typeof text === 'string' && text !== '') {
      found[option] = readVariable(option, { variable, text });
    }
  }
  return found;
}

/** Validates the combination of a client's options, depending on its protocol. */
function checkTogether(options: RegisterOptions, source: Source): void {
  const { name } = source;
  const spell = (option: string): string => spelled(option, { ...source, options });
  refuse(protocolProblem(name, options, spell) ?? idleProblem(options), name);
  const protocol = protocolOf(options);
  if (protocol === 'openid2') return refuse(openid2Problem(options), name);
  const chosen = questionsOf(options).length > 0;
  if (options.resource === undefined && !chosen && options.assertion?.issuer === undefined) {
    need(options, source, [
      'clientId',
      'the provider gives one when you register the application there',
    ]);
  }
  checkSignatureMethod(options, `register('${name}')`);
  if (protocol === 'oauth2') return checkOAuth2(options, source, chosen);
  if (!signsWithSecret(options)) return;
  need(options, source, ['clientSecret', 'OAuth 1 requests are signed with it']);
}

/** Reports options that have no effect in combination, or miss another. */
function idleProblem({
  grantType,
  assertion,
  pkce,
  codeChallengeMethod,
  idToken,
  claimsOptions,
}: RegisterOptions): string | undefined {
  if (pkce === 'off' && codeChallengeMethod !== undefined) {
    return '"pkce" is off, so "codeChallengeMethod" has no effect; remove one of them.';
  }
  if (assertion !== undefined && grantType !== jwtBearer) {
    return `"assertion" has no effect without "grantType": "${jwtBearer}"; set it.`;
  }
  if (assertion === undefined && grantType === jwtBearer) {
    return '"grantType" is jwt-bearer, which needs an "assertion": { key, issuer, audience }.';
  }
  return idToken === 'ignore' && claimsOptions !== undefined
    ? '"idToken" is ignore, so "claimsOptions" has no effect; remove one of them.'
    : undefined;
}

/** `chosen`: users choose the server, so much is known only at login. */
function checkOAuth2(options: RegisterOptions, source: Source, chosen: boolean): void {
  const { name } = source;
  const { tokenEndpointAuthMethod: method, clientSecretJwt, serverMetadataUrl, resource } = options;
  // A client that registers dynamically receives its secret then.
  const registersItself = resource !== undefined && options.clientId === undefined;
  const needsSecret = method?.startsWith('client_secret_') && clientSecretJwt === undefined;
  if (needsSecret && !chosen && !registersItself) {
    const use = method === 'client_secret_jwt' ? 'signs with it' : 'sends it';
    need(options, source, ['clientSecret', `"${method}" ${use}`]);
  }
  const problem = oauth2Problem(options, (option) => configName(name, option));
  refuse(problem, name);
  const isFound = chosen || serverMetadataUrl !== undefined || resource !== undefined;
  if (isFound || options.idToken === 'ignore' || !asksForOpenId(options.scope)) return;
  const why = 'scope "openid" brings an id_token, which is verified against its issuer';
  need(options, source, ['issuer', why]);
}

function need(
  options: RegisterOptions,
  { name, config }: Source,
  [option, why]: [option: keyof RegisterOptions, why: string],
): void {
  if (options[option] !== undefined) return;
  const variable = configName(name, option);
  const problem = `"${option}" is missing; ${why}. Give it, or set ${variable} in the configuration${similar(variable, config)}.`;
  refuse(problem, name);
}

const plain = (variable: string): string => variable.replaceAll(/_|CLIENT/gi, '').toLowerCase();

/** Says that a variable is empty, or that one of a similar name is set: GITHUB_CLIENTID. */
function similar(variable: string, config: Config): string {
  if (config[variable] === '') return ', which is empty there';
  const found = Object.keys(config).find(
    (name) => name !== variable && plain(name) === plain(variable),
  );
  return found === undefined ? '' : `, which has ${found} instead`;
}

function refuse(problem: string | undefined, name: string): void {
  if (problem) throw new OAuthError('invalid_options', `register('${name}'): ${problem}`);
}
