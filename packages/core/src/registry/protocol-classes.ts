import { runVerb } from '../client/api-client.js';
import type { ClientConfig, FrameworkClient } from '../client/client.js';
import { defineVerbs } from '../client/verb-groups.js';
import type { Protocol } from '../model/types.js';

/** The client class of an integration. */
export type ClientClass = new (config: ClientConfig) => FrameworkClient;

/** The classes of each integration, by protocol. Registries share them. */
const known = new WeakMap<ClientClass, Map<Protocol, ClientClass>>();

/** Returns an integration's client class with the methods of a protocol. */
export function classOf(Client: ClientClass, protocol: Protocol): ClientClass {
  const classes = known.get(Client) ?? new Map<Protocol, ClientClass>();
  known.set(Client, classes);
  const created = classes.get(protocol) ?? create(Client, protocol);
  classes.set(protocol, created);
  return created;
}

function create(Client: ClientClass, protocol: Protocol): ClientClass {
  const created = class extends Client {};
  Object.defineProperty(created, 'name', { value: Client.name });
  defineVerbs(created.prototype, protocol, runVerb as never);
  return created;
}
