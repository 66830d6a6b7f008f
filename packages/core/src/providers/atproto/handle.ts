import { OAuthError } from '../../model/errors.js';
import type { ServerTools } from '../../options/chosen-server-types.js';
import { isDid, type Did } from './names.js';
import { builtinModule } from '../../platform/node-builtins.js';

/** The part of `node:dns/promises` that is wanted here. */
interface NodeDns {
  resolveTxt(name: string): Promise<string[][]>;
}

/** Milliseconds that the domain name system has. */
const patience = 3000;

/**
 * Finds the DID that a handle's domain names: in the domain name system, else at a well-known address of
 * the host. What it finds is half of the truth: the DID's document must name the handle, too.
 *
 * @throws OAuthError `invalid_server`, `unsafe_address`
 * @see https://atproto.com/specs/handle#handle-resolution
 */
export async function resolveHandle(handle: string, tools: ServerTools): Promise<Did> {
  const web = fromHost(handle, tools);
  // Asked for at the same time, but believed only where the domain name system knows nothing.
  web.catch(() => undefined);
  const did = (await fromDns(handle)) ?? (await web);
  if (isDid(did)) return did;
  throw unresolved('names no account of this protocol');
}

async function fromDns(handle: string): Promise<string | undefined> {
  const records = await textRecords(`_atproto.${handle}`);
  const dids = records.filter((text) => text.startsWith('did=')).map((text) => text.slice(4));
  if (new Set(dids).size > 1) throw unresolved('names several accounts');
  return dids[0];
}

/** Where there is no such module, as on the edge, or no answer, the host of the handle is asked. */
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
    const answer = await tools.request({ what: "handle's host", url, redirects: 5, limit: 16_384 });
    return answer.status === 200 ? answer.text.trim() : undefined;
  } catch (error) {
    // Whoever mistypes a handle has named a host that is not there.
    if (!(error instanceof OAuthError) || error.code !== 'provider_unavailable') throw error;
    throw unresolved('cannot be found', error.reason);
  }
}

function unresolved(what: string, reason?: string): OAuthError {
  return new OAuthError(
    'invalid_server',
    `The handle ${what}. Ask the person to check it, or for the address of their server.`,
    { reason },
  );
}
