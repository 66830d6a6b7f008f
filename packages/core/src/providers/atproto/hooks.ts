import { OAuthError } from '../../model/errors.js';
import type { ChosenServer, OAuth2Token } from '../../model/types.js';
import type {
  ServerContext,
  ServerLocator,
  ServerTools,
} from '../../options/chosen-server-types.js';
import { resolveDid, type AtprotoAccount } from './did.js';
import { resolveHandle } from './handle.js';
import { isDid, readName, type AtprotoName } from './names.js';
import { checkServer, issuerAt, issuerOf, metadataUrl } from './server.js';

/** What differs between networks of the AT Protocol. */
export interface AtprotoNetwork {
  /** Where the documents of did:plc are. Default: `https://plc.directory`. */
  directory?: string | undefined;
  /** Where people log in who name nothing. Default: `https://bsky.social`. */
  preset?: string | undefined;
}

/**
 * Finds the server of an account of the AT Protocol, by its handle, its DID, or the server's address; and
 * makes sure, when the token arrives, that this server may speak for the account.
 *
 * @see https://atproto.com/specs/oauth#identity-authentication
 */
export function atprotoServers({
  directory = 'https://plc.directory',
  preset = 'https://bsky.social',
}: AtprotoNetwork = {}): ServerLocator {
  return {
    ask: { handle: { label: 'Your handle, or your server', preset } },
    find: async ({ handle = '' }, tools) => {
      const found = await find(readName(handle), { directory, tools });
      await checkServer(found['issuer'] ?? '', tools);
      return found;
    },
    describe,
    checkToken: (token, server, tools) => checkToken(token, server, { directory, tools }),
    globalSubject: true,
  };
}

/** How accounts are looked up. */
interface Network {
  directory: string;
  tools: ServerTools;
}

async function find(name: AtprotoName, network: Network): Promise<ChosenServer> {
  const { directory, tools } = network;
  if ('server' in name) return { issuer: await issuerAt(name.server, tools) };
  if ('did' in name) return await placeOf(await resolveDid(name.did, directory, tools), network);
  const did = await resolveHandle(name.handle, tools);
  const account = await resolveDid(did, directory, tools);
  if (account.handle === name.handle) return await placeOf(account, network, name.handle);
  throw new OAuthError(
    'invalid_server',
    "The handle names an account that goes by another handle, so it is not the account's own. Ask the " +
      'person to check it.',
  );
}

/** What is kept of an account: a handle only where it has been confirmed. */
async function placeOf(
  account: AtprotoAccount,
  { tools }: Network,
  confirmed?: string,
): Promise<ChosenServer> {
  const { did, pds } = account;
  const [issuer, handle = confirmed] = await Promise.all([
    issuerOf(pds, tools),
    confirmed === undefined ? confirmedHandle(account, tools) : undefined,
  ]);
  return { issuer, pds, did, ...(handle === undefined ? {} : { handle }) };
}

/** A handle is for people to read: whether it can be confirmed decides nothing. */
async function confirmedHandle(
  { did, handle }: AtprotoAccount,
  tools: ServerTools,
): Promise<string | undefined> {
  if (handle === undefined) return undefined;
  const named = await resolveHandle(handle, tools).catch(() => undefined);
  return named === did ? handle : undefined;
}

/** Everything else is in the server's metadata. */
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
 * Whoever runs a server can let it say any DID. A login that began with an account ends with that one,
 * whose server was found by itself; for any other, the DID's own document must lead back to the server.
 */
async function checkToken(
  token: OAuth2Token,
  server: ChosenServer,
  network: Network,
): Promise<OAuth2Token> {
  const { sub, scope } = token;
  if (!isDid(sub) || !scope?.split(' ').includes('atproto')) {
    throw new OAuthError(
      'invalid_response',
      'The token response has no DID as its "sub", or no scope "atproto". Nothing of it was used.',
    );
  }
  if (sub === server['did']) return token;
  if (server['did'] !== undefined) {
    throw new OAuthError(
      'mismatching_account',
      'The token is for another account than the one that was named. Log in again.',
    );
  }
  const account = await resolveDid(sub, network.directory, network.tools);
  const place = await placeOf(account, network);
  if (place['issuer'] === server['issuer']) return { ...token, server: place };
  throw new OAuthError(
    'mismatching_issuer',
    'The account of the token is at home at another server than the one that issued the token. Nothing ' +
      'of it was used.',
  );
}
