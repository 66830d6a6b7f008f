import { isNonEmptyString } from '../platform/encoding.js';
import { flag, must, type Check } from '../platform/validators.js';
import { questionsOf, type ChoiceOptions, type ServerFilter } from './server-choice.js';
import { isHost } from '../platform/url-templates.js';
import { serverLocatorCheck, type ServerLocator } from './server-locator.js';

/** Options for a provider with many servers, one of which the user chooses. */
export interface ServerChoiceOptions {
  /**
   * Servers at which users may log in: a list, or a function of the user's choice. If set, the user
   * chooses even if there is a default. Required if a client with a `clientSecret` would otherwise
   * send it to any host that a user enters. Default: any server.
   */
  servers?: readonly string[] | ServerFilter | undefined;
  /**
   * Uses a separate redirect URI per server, `…?server=…`, which prevents mix-up attacks (RFC 9700
   * §4.4.2.2) even if a server sends no `iss` (RFC 9207). Default: `true` if the client registers
   * itself dynamically; otherwise `false`, because each redirect URI has to be registered by hand.
   */
  redirectUriPerServer?: boolean | undefined;
  /** How a server is resolved, and its deviations; part of a preset. */
  serverLocator?: ServerLocator | undefined;
}

export const serverChecks: Record<keyof ServerChoiceOptions, Check> = {
  servers: must(
    (v) =>
      typeof v === 'function' || (Array.isArray(v) && v.length > 0 && v.every(isNonEmptyString)),
    'must be a list of servers, or a function that returns whether a server is accepted',
  ),
  serverLocator: serverLocatorCheck,
  redirectUriPerServer: flag,
};

/** The client's secret, and how the server returns its response. */
interface SecretAndResponse {
  readonly clientSecret?: unknown;
  readonly clientSecretJwt?: unknown;
  readonly responseMode?: string | undefined;
}

/** Returns what is inconsistent between the options of a user-chosen server, if anything. */
export function serverProblem(
  options: Readonly<ServerChoiceOptions> & ChoiceOptions & SecretAndResponse,
  variableOf: (option: string) => string,
): string | undefined {
  const questions = questionsOf(options);
  const names = questions.map(({ name }) => name).join('" and "');
  if (questions.length === 0) {
    return (
      options.servers && 'users have nothing to choose, so "servers" has no effect; remove it.'
    );
  }
  if (options.redirectUriPerServer && ![undefined, 'query'].includes(options.responseMode)) {
    return '"redirectUriPerServer" reads the query of a callback, so "responseMode" must be query.';
  }
  if (Array.isArray(options.servers) && questions.length > 1) {
    return `users choose "${names}", so "servers" must be a function of these values.`;
  }
  const anywhere = questions.some(
    ({ name }) => isHost(options, name) && options.urlVariables?.[name]?.suffix === undefined,
  );
  const secret = (['clientSecret', 'clientSecretJwt'] as const).find(
    (option) => options[option] !== undefined,
  );
  if (secret === undefined || options.servers !== undefined || !anywhere) return undefined;
  const variables = questions.map(({ name }) => variableOf(name)).join(' and ');
  return (
    `"${names}" has no value, so the "${secret}" would be sent to any host that a user enters. Give ` +
    `it a value, or set ${variables} in the configuration, or restrict the servers with "servers" (a list or a function), or store the ` +
    'clients of each server in "clientRegistrations".'
  );
}
