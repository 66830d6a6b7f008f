import { json, startHosts, type Hosts } from '../../support/hosts.js';
import { startDns, type TestDns } from '../../support/dns.js';
import { playServer, type AuthorizationServer } from './authorization-server.js';
import { checkProof, Refused, type ProofCheck } from './proof.js';

type Json = Record<string, unknown>;

export const ada = 'did:plc:adaadaadaadaadaadaadaada';
export const eve = 'did:plc:eveeveeveeveeveeveeveeve';
export const clientId = 'https://app.test/oauth/client.json';
export const redirectUri = 'https://app.test/callback/bluesky';

/** A small network of the AT Protocol: two people, their servers, and the directory of DIDs. */
export interface AtprotoWorld {
  hosts: Hosts;
  dns: TestDns;
  /** The documents of DIDs, as the directory has them. */
  readonly documents: Map<string, Json>;
  /** The authorization server of `https://pds.test`, where Ada is. */
  home: AuthorizationServer;
  /** Eve's own server, which is hers to make lie. */
  evil: AuthorizationServer;
  /** Laid over the resource metadata of `https://pds.test`. */
  resource: Json;
  /** The document that the application serves at its `client_id`. */
  client: Json;
  /** What the directory of profiles answers; without it, it is out of reach. */
  profile: Json | undefined;
  close(): Promise<void>;
}

export async function startAtproto(): Promise<AtprotoWorld> {
  const hosts = await startHosts();
  const dns = await startDns();
  const world: AtprotoWorld = {
    hosts,
    dns,
    documents: new Map([
      [ada, didDocument(ada, 'ada.test', 'https://pds.test')],
      [eve, didDocument(eve, 'eve.test', 'https://evil.test')],
    ]),
    home: playServer('https://entry.test', hosts, ada),
    evil: playServer('https://evil.test', hosts, eve),
    resource: {},
    client: {},
    profile: { handle: 'ada.test', displayName: 'Ada', avatar: 'https://cdn.test/ada.jpg' },
    close: async () => {
      dns.close();
      await hosts.close();
    },
  };
  hosts.at.set('https://plc.directory', (request) => {
    const document = world.documents.get(new URL(request.url).pathname.slice(1));
    return document ? json(document) : json({ message: 'not registered' }, { status: 404 });
  });
  hosts.at.set('https://ada.test', text('/.well-known/atproto-did', ada));
  hosts.at.set('https://eve.test', text('/.well-known/atproto-did', eve));
  hosts.at.set('https://entry.test', world.home.host);
  const pds = playPds('https://pds.test', 'https://entry.test', world.home, () => world.resource);
  hosts.at.set('https://pds.test', pds);
  const own = playPds('https://evil.test', 'https://evil.test', world.evil, () => ({}));
  hosts.at.set('https://evil.test', async (request) => {
    const answer = await world.evil.host(request);
    return answer.status === 404 ? await own(request) : answer;
  });
  hosts.at.set('https://app.test', () => json(world.client));
  hosts.at.set('https://public.api.bsky.app', (request) => {
    if (request.headers.has('authorization')) return json({ error: 'TokenSeen' }, { status: 400 });
    return world.profile ? json(world.profile) : json({ error: 'Down' }, { status: 502 });
  });
  return world;
}

/** The document of an account. */
export function didDocument(did: string, handle: string, pds: string): Json {
  return {
    '@context': ['https://www.w3.org/ns/did/v1'],
    id: did,
    alsoKnownAs: [`at://${handle}`],
    service: [{ id: '#atproto_pds', type: 'AtprotoPersonalDataServer', serviceEndpoint: pds }],
  };
}

function text(path: string, body: string) {
  return (request: Request): Response =>
    new URL(request.url).pathname === path
      ? new Response(`${body}\n`, { headers: { 'content-type': 'text/plain' } })
      : new Response('', { status: 404 });
}

/** A personal data server: it serves whoever has a token of its authorization server, and its key. */
function playPds(
  origin: string,
  issuer: string,
  server: AuthorizationServer,
  change: () => Json,
): (request: Request) => Promise<Response> {
  const proofs: ProofCheck = { nonce: `pds-nonce-${origin}`, seen: new Set() };
  return async (request) => {
    const { pathname, search } = new URL(request.url);
    if (pathname === '/.well-known/oauth-protected-resource') {
      return json({ resource: origin, authorization_servers: [issuer], ...change() });
    }
    if (!pathname.startsWith('/xrpc/')) return json({ error: 'NotFound' }, { status: 404 });
    const accessToken = /^DPoP (.+)$/.exec(request.headers.get('authorization') ?? '')?.[1];
    const known = server.tokens.get(accessToken ?? '');
    if (accessToken === undefined || !known) return json({ error: 'AuthMissing' }, { status: 401 });
    try {
      const jkt = await checkProof(request, proofs, accessToken);
      if (jkt !== known.jkt) return json({ error: 'InvalidToken' }, { status: 401 });
    } catch (error) {
      if (error instanceof Refused) return error.answer;
      throw error;
    }
    return json(
      { method: pathname.slice('/xrpc/'.length), search, did: known.did, origin },
      { headers: { 'dpop-nonce': proofs.nonce } },
    );
  };
}
