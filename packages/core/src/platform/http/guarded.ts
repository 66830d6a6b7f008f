import { OAuthError } from '../../model/errors.js';
import { builtinModule, type Runtime } from '../node-builtins.js';
import { refusedIp, type Reach } from './address-policy.js';
import type { Address, Lookup } from './node-modules.js';
import { nodeTransport } from './node-transport.js';
import { fetchTransport, type Transport } from './transport.js';

type Found = (error: Error | null, address?: string | Address[], family?: number) => void;

/** Used if the runtime has no modules of Node. */
const fallback: Transport = (request) => fetchTransport(globalThis.fetch)(request);

/**
 * Creates a transport that checks the resolved IP addresses of a host and connects only to those, which
 * prevents DNS rebinding. Each request has a new connection, so that none opened under other rules is
 * used. In runtimes without Node's modules only host names can be checked.
 */
export function guardedTransport(
  reach: Reach,
  runtime: Runtime = globalThis as Runtime,
  lookup?: Lookup,
): Transport {
  const dns = builtinModule<{ lookup: Lookup }>('node:dns', runtime);
  if (!dns) return fallback;
  const checked = checkedLookup(reach, lookup ?? ((...args) => dns.lookup(...args)));
  return nodeTransport(runtime, { lookup: checked, fallback }) ?? fallback;
}

/** Resolves a name, and rejects all of its IP addresses if one of them is not allowed. */
function checkedLookup(reach: Reach, lookup: Lookup): Lookup {
  const checked = (
    hostname: string,
    options: { all?: boolean; family?: number },
    found: Found,
  ): void => {
    lookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) return found(error);
      const [first] = addresses;
      if (!first || addresses.some(({ address }) => refusedIp(address, reach))) {
        return found(unsafeHost());
      }
      if (options.all) return found(null, addresses);
      return found(null, first.address, first.family);
    });
  };
  // Node also calls it without `all`.
  return checked as Lookup;
}

function unsafeHost(): OAuthError {
  return new OAuthError(
    'unsafe_address',
    'A host from a user or a third-party document resolves to an IP address that is not public. Nothing was ' +
      'sent. If this is intended, set "allowPrivateNetworks: true".',
  );
}
