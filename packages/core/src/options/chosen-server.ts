import { each, flag, func, must, shape, text, type Check } from '../platform/validators.js';
import type { RegisterOptions } from './register-options.js';
import type { ServerLocator, ServerRegisterOptions } from './chosen-server-types.js';
import { questionsOf, type ChoiceOptions } from './server-choice.js';
import { isHost } from '../quirks/url-variables.js';

const labelled = shape<{ label: string; preset: string }>({ label: text, preset: text }, ['label']);
const label: Check = (value) => (typeof value === 'string' ? text(value) : labelled(value));

export const serverChecks: Record<keyof ServerRegisterOptions, Check> = {
  servers: must(
    (v) =>
      typeof v === 'function' ||
      (Array.isArray(v) && v.length > 0 && v.every((one) => typeof one === 'string' && one !== '')),
    'must be a list of servers, or a function that returns whether a server is accepted',
  ),
  serverLocator: shape<ServerLocator>({
    ask: each(label),
    find: func,
    describe: func,
    checkStart: func,
    registerClient: func,
    knowsClient: func,
    checkToken: func,
    globalSubject: flag,
  }),
  allowPrivateNetworks: flag,
  redirectUriPerServer: flag,
};

/** Returns what is inconsistent between the options of a user-chosen server, if anything. */
export function serverProblem(
  options: ChoiceOptions &
    Pick<RegisterOptions, 'clientSecret' | 'clientSecretJwt' | 'responseMode'>,
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
  return (
    `"${names}" has no value, so the "${secret}" would be sent to any host that a user enters. Give ` +
    'it a value, or restrict the servers with "servers" (a list or a function), or store the ' +
    'clients of each server in "clientRegistrations".'
  );
}
