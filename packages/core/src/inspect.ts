/**
 * Checks the clients of a registry against their providers, for tools such as the command line.
 *
 * @module @oauth-registry/core/inspect
 */
import { internalsOf } from './client/client.js';
import { examine } from './inspect/examine.js';
import type { Finding } from './inspect/finding.js';
import type { Token, UserInfo } from './model/types.js';
import { clientsOf } from './registry/registry.js';

export type { Finding } from './inspect/finding.js';

/** The findings about one client. */
export interface ClientFindings {
  client: string;
  findings: Finding[];
}

/**
 * Checks every client of a registry: discovery, redirect URI, cookies, clock, keys, endpoints and
 * credentials. No user logs in. Yields the findings of each client as soon as they are known.
 *
 * @param callback path of the callbacks below the `baseUrl`; `{name}` is the client's name. Default:
 *   `callback/{name}`
 * @throws TypeError if the value is no registry of this installation of core
 */
export async function* inspectRegistry(
  registry: unknown,
  callback?: string,
): AsyncGenerator<ClientFindings> {
  const clients = typeof registry === 'object' && registry ? clientsOf(registry) : undefined;
  if (!clients) throw new TypeError('This is no registry of this installation of core.');
  for (const client of clients) {
    yield { client: client.name, findings: await examine(client, callback) };
  }
}

/** Returns the profile of a token's owner: that of the login, or of the userinfo endpoint. */
export async function profileOf(client: object, token: Token): Promise<UserInfo | undefined> {
  return await internalsOf(client as never).userOf(token);
}
