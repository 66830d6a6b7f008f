import { OAuthError } from '../../model/errors.js';
import type { ChosenServer, OAuth2Token } from '../../model/types.js';
import type { ServerContext, ServerLocator, ServerTools } from '../../options/server-locator.js';
import { resolveDid, type AtprotoAccount } from './did.js';
import { resolveHandle } from './handle.js';
import { isDid, readName, type AtprotoName } from './names.js';
import { checkServer, fetchIssuer, metadataUrl } from './server.js';

/** Options of a network of the AT Protocol. */
export interface AtprotoNetwork {
  /** The URL of did:plc documents. Default: `https://plc.directory`. */
  directory?: string | undefined;
  /** The server of users who enter no name. Default: `https://bsky.social`. */
  preset?: string | undefined;
}

/**
 * Resolves the server of an AT Protocol account from its handle, its DID or the server's URL, and
 * validates in the token response that this server is authoritative for the account.
 *
 * @see https://atproto.com/specs/oauth#identity-authentication
 */
export function atprotoServers({
  directory = 'https://plc.directory',
  preset = 'https://bsky.social',
}: AtprotoNetwork = {}): ServerLocator {
  return {
    ask: { handle: { label: 'Your handle, or your server', preset, example: 'name.bsky.social' } },
    find: async ({ handle = '' }, tools) => {
      const found = await find(readName(handle), { directory, tools });
      await checkServer(found['issuer'] ?? '', tools);
      return found;
    },
    describe,
    checkToken: (token, server, tools) => checkAccount(token, server, { directory, tools }),
    globalSubject: true,
  };
}

/** The options for account lookups. */
interface Network {
  directory: string;
  tools: ServerTools;
}

async function find(name: AtprotoName, network: Network): Promise<ChosenServer> {
  const { directory, tools } = network;
  // The host that a user enters may be the authorization server itself.
  if ('server' in name) return { issuer: await fetchIssuer(name.server, tools, name.server) };
  if ('did' in name) return await serverOf(await resolveDid(name.did, directory, tools), network);
  const did = await resolveHandle(name.handle, tools);
  const account = await resolveDid(did, directory, tools);
  if (account.handle === name.handle) return await serverOf(account, network, name.handle);
  throw new OAuthError(
    'invalid_server',
    'The handle resolves to an account with another handle, so it does not belong to that ' +
      'account. Ask the user to check it.',
  );
}

/** Returns the stored account data. A handle is included only if it was verified. */
async function serverOf(
  account: AtprotoAccount,
  { tools }: Network,
  confirmed?: string,
): Promise<ChosenServer> {
  const { did, pds } = account;
  const [issuer, handle = confirmed] = await Promise.all([
    fetchIssuer(pds, tools),
    confirmed === undefined ? confirmedHandle(account, tools) : undefined,
  ]);
  return { issuer, pds, did, ...(handle === undefined ? {} : { handle }) };
}

/** Returns the handle if it can be verified. It is only for display. */
async function confirmedHandle(
  { did, handle }: AtprotoAccount,
  tools: ServerTools,
): Promise<string | undefined> {
  if (handle === undefined) return undefined;
  const named = await resolveHandle(handle, tools).catch(() => undefined);
  return named === did ? handle : undefined;
}

/** All other settings are in the server's metadata. */
function describe(
  { issuer = '', pds, did, handle }: ChosenServer,
  { options }: ServerContext,
): Record<string, unknown> {
  const hint = handle ?? did;
  const given = options['authorizeParams'] as object | undefined;
  return {
    issuer,
    serverMetadataUrl: metadataUrl(issuer),
    apiBaseUrl: `${pds ?? issuer}/xrpc/`,
    ...(hint === undefined ? {} : { authorizeParams: { ...given, login_hint: hint } }),
  };
}

/**
 * Validates the account of a token, because a server may claim any DID. A login that began with an
 * account must end with it, and its server was resolved independently. For any other account, the
 * DID document must lead back to the server.
 */
async function checkAccount(
  token: OAuth2Token,
  server: ChosenServer,
  network: Network,
): Promise<OAuth2Token> {
  const { sub, scope } = token;
  if (!isDid(sub) || !scope?.split(' ').includes('atproto')) {
    throw new OAuthError(
      'invalid_response',
      'The token response has no DID as "sub", or no scope "atproto". It was discarded. Check that ' +
        '"scope" contains "atproto", and log in again.',
    );
  }
  if (sub === server['did']) return token;
  if (server['did'] !== undefined) {
    throw new OAuthError(
      'mismatching_account',
      'The token is for another account than the one entered. Log in again.',
    );
  }
  const account = await resolveDid(sub, network.directory, network.tools);
  const place = await serverOf(account, network);
  if (place['issuer'] === server['issuer']) return { ...token, server: place };
  throw new OAuthError(
    'mismatching_issuer',
    'The account of the token belongs to another server than the one that issued it. The ' +
      'token was discarded. Log in again.',
  );
}
