import { runVerb } from '../client/api-client.js';
import { defineVerbs } from '../client/verb-groups.js';
import type { Protocol } from '../model/types.js';
import type { ClientConfig, FrameworkClient } from '../client/client.js';

/** The client class of an integration. */
export type ClientClass = new (config: ClientConfig) => FrameworkClient;

/** An integration's client class for each protocol, with the methods of that protocol. */
export class ProtocolClasses {
  readonly #Client: ClientClass;
  readonly #known = new Map<Protocol, ClientClass>();

  constructor(Client: ClientClass) {
    this.#Client = Client;
  }

  /** Returns the class of a protocol's clients. */
  of(protocol: Protocol): ClientClass {
    const known = this.#known.get(protocol);
    if (known) return known;
    const Client = class extends this.#Client {};
    Object.defineProperty(Client, 'name', { value: this.#Client.name });
    defineVerbs(Client.prototype, protocol, runVerb as never);
    this.#known.set(protocol, Client);
    return Client;
  }
}
