import { toPairs } from '../../platform/encoding.js';
import type { HttpResponse } from '../../platform/http/http.js';
import type { GrantParams } from '../../model/types.js';
import { refuseProtocolParams } from './read-options.js';
import type { OAuth1Context } from './context.js';
import { withQuery } from './signing/placement.js';
import { sendSigned } from './signed.js';
import type { Signer } from './client-signer.js';

/** A request for temporary or token credentials. */
export interface TokenRequest {
  url: URL;
  /** Default `POST`, as RFC 5849 §2 recommends. */
  method?: 'GET' | 'POST' | undefined;
  /** Parameters beyond those that signing adds; they are signed. */
  params: GrantParams;
  /** Name of the endpoint in error messages. */
  what: string;
}

function isProtocol([name]: readonly [string, string]): boolean {
  return name.startsWith('oauth_');
}

/**
 * Requests credentials. Extra parameters go into the form body, or into the query of a GET. Those
 * whose names begin with `oauth_` are sent with the other protocol parameters (RFC 5849 §3.5).
 */
export async function requestCredentials(
  context: OAuth1Context,
  { url, method = 'POST', params, what }: TokenRequest,
  signer: Signer,
): Promise<HttpResponse> {
  refuseProtocolParams(params);
  const pairs = toPairs(params);
  const extra = pairs.filter((pair) => !isProtocol(pair));
  const target =
    method === 'GET'
      ? { url: withQuery(url, extra), body: null }
      : { url, body: extra.length > 0 ? new URLSearchParams(extra) : null };
  const protocolParams = Object.fromEntries(pairs.filter(isProtocol));
  return await sendSigned(context, { method, what, ...target }, { ...signer, protocolParams });
}
