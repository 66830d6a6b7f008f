import { OAuthError } from '../../model/errors.js';
import type { ServerTools } from '../../options/server-locator.js';
import { isDid, type Did } from './names.js';
import { builtinModule } from '../../platform/node-builtins.js';

/** The function of `node:dns/promises` used here. */
interface NodeDns {
  resolveTxt(name: string): Promise<string[][]>;
}

/** DNS timeout in milliseconds. */
const patience = 3000;

/**
 * Resolves the DID of a handle: by DNS, or else at a well-known URL of the host. The result is
 * unverified until the DID document has the same handle.
 *
 * @throws OAuthError `invalid_server`, `unsafe_address`
 * @see https://atproto.com/specs/handle#handle-resolution
 */
export async function resolveHandle(handle: string, tools: ServerTools): Promise<Did> {
  const web = fromHost(handle, tools);
  // Requested in parallel, but used only if DNS has no record.
  web.catch(() => undefined);
  const did = (await fromDns(handle)) ?? (await web);
  if (isDid(did)) return did;
  throw unresolved('does not resolve to an account of this protocol');
}

async function fromDns(handle: string): Promise<string | undefined> {
  const records = await textRecords(`_atproto.${handle}`);
  const dids = records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4));
  if (new Set(dids).size > 1) throw unresolved('resolves to several accounts');
  return dids[0];
}

/**
 * Returns no records if the runtime has no DNS module, such as on the edge, or DNS fails. The
 * handle's host is used instead.
 */
async function textRecords(name: string): Promise<string[]> {
  if (name.length > 253) return [];
  const dns = builtinModule<NodeDns>('node:dns/promises');
  if (dns === undefined) return [];
  let timer: ReturnType<typeof setTimeout> | undefined;
  try {
    const late = new Promise<string[][]>((resolve) => {
      timer = setTimeout(() => resolve([]), patience);
    });
    const records = await Promise.race([dns.resolveTxt(name), late]);
    return records.map((chunks) => chunks.join(''));
  } catch {
    return [];
  } finally {
    clearTimeout(timer);
  }
}

async function fromHost(handle: string, tools: ServerTools): Promise<string | undefined> {
  const url = `https://${handle}/.well-known/atproto-did`;
  try {
    const response = await tools.request({
      what: "handle's host",
      url,
      redirects: 5,
      limit: 16_384,
    });
    return response.status === 200 ? response.text.trim() : undefined;
  } catch (error) {
    // A mistyped handle has a host that does not exist.
    if (!(error instanceof OAuthError) || error.code !== 'provider_unavailable') throw error;
    throw unresolved('does not resolve', error.reason);
  }
}

function unresolved(what: string, reason?: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The handle ${what}. Ask the user to check it, or to enter the URL of their server.`,
    { reason },
  );
}
