import { internalsOf, type FrameworkClient } from '../client/client.js';
import { checkRequiredToken } from './check-options.js';
import type { Guard, RequiredTokenOptions } from './guard-options.js';
import { scopesIn } from './guard-return.js';

/** Creates a guard that is loaded at its first use. */
export function guardWith(load: () => Promise<{ check: Guard }>): Guard {
  let loaded: Promise<{ check: Guard }> | undefined;
  return async (browser, url) => {
    loaded ??= load();
    return await (await loaded).check(browser, url);
  };
}

/** Creates the guard of pages that need a client's token, for adapters. */
export function tokenGuard(client: FrameworkClient, options: RequiredTokenOptions): Guard {
  checkRequiredToken(options);
  const { scopes } = internalsOf(client);
  for (const scope of scopesIn(options.scope)) scopes.add(scope);
  return guardWith(async () => {
    const { TokenGuard } = await import('./required-token.js');
    return new TokenGuard(client, options);
  });
}
