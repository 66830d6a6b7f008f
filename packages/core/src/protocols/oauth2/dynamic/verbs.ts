import { isObject, mapMembers } from '../../../platform/encoding.js';
import { checkedVerbs, type Argument, type Takes } from '../../../platform/arguments.js';
import type { OAuth2Token } from '../../../model/types.js';
import type { ServerSource } from '../../engine-source.js';
import { oauth2Arguments, type OAuth2EngineVerbs } from '../verbs.js';

type Verb = (...given: unknown[]) => Promise<unknown>;

/**
 * Creates the methods of a client whose server is found at run time. Each uses the engine of its
 * argument `token`, or else of the server that its parameters name.
 */
export function verbsAt(
  name: string,
  source: Pick<ServerSource<OAuth2Token>, 'of' | 'start'>,
): OAuth2EngineVerbs {
  const verbs = mapMembers(oauth2Arguments, (takes, verb) => async (...given: unknown[]) => {
    const { args } = takes as Takes;
    const token = objectAt(args, given, ['token']) as OAuth2Token | undefined;
    const { engine } = await source.of(token, objectAt(args, given, ['params', 'server']));
    return await (engine.verbs as Record<string, Verb>)[verb]?.(...given);
  });
  return checkedVerbs(name, oauth2Arguments, {
    ...(verbs as unknown as OAuth2EngineVerbs),
    createLogoutUrl: async (redirectUri, given = {}) => {
      const { engine, params } = await source.start(given);
      return await (engine.verbs as OAuth2EngineVerbs).createLogoutUrl(redirectUri, params);
    },
  });
}

/** Returns the argument for the parameter with one of the names, if it is an object. */
function objectAt(
  args: readonly Argument[],
  given: readonly unknown[],
  names: readonly string[],
): object | undefined {
  const value = given[args.findIndex(({ name }) => names.includes(name))];
  return isObject(value) ? value : undefined;
}
