import { generateKeyPairSync } from 'node:crypto';
import {
  OAuth,
  clientDocument,
  type OAuth2Token,
  type RegisterOptions,
} from '@oauth-registry/core';
import { atprotoLoopbackClientId, bluesky } from '@oauth-registry/core/providers';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ada, startAtproto, type AtprotoWorld } from '../../providers/atproto/world.js';
import { rejection } from '../../support/login.js';
import { startAtprotoProvider, type RealAtproto } from './atproto-provider.js';

// It takes no client at a name of tests.
const baseUrl = 'https://app.example.com';
const clientId = `${baseUrl}/oauth/client.json`;
const redirectUri = `${baseUrl}/callback/bluesky`;

let world: AtprotoWorld;
let real: RealAtproto;

beforeAll(async () => {
  world = await startAtproto();
  const { hosts } = world;
  real = await startAtprotoProvider(
    'https://entry.test',
    { sub: ada, aud: 'did:web:pds.test' },
    hosts,
  );
  hosts.at.set('https://entry.test', real.server);
  hosts.at.set('https://pds.test', real.resource);
});
afterAll(async () => {
  await real.close();
  await world.close();
});

async function clientOf(options: RegisterOptions = {}) {
  const { fetch } = world.hosts;
  const { bluesky: client } = new OAuth({ config: {}, fetch, baseUrl }).register(
    'bluesky',
    bluesky({ clientId, ...options }),
  );
  if (!options.clientId?.startsWith('http://')) {
    const document = await clientDocument(client, { client_name: 'Test' });
    world.hosts.at.set(new URL(document.client_id).origin, () => Response.json(document));
  }
  return client;
}

async function login(
  client: Awaited<ReturnType<typeof clientOf>>,
  handle: string,
  uri = redirectUri,
): Promise<OAuth2Token> {
  const request = await client.createAuthorizationUrl(uri, { handle });
  const answer = await world.hosts.fetch(request.url, { redirect: 'manual' });
  return await client.fetchAccessToken(answer.headers.get('location') ?? '', request);
}

describe('[D8] a login at @atproto/oauth-provider', () => {
  it.each(['ada.test', ada, 'https://pds.test', 'https://entry.test'])(
    'that begins with %s ends with the account, calls its server, and is refreshed',
    async (handle) => {
      const client = await clientOf();
      const token = await login(client, handle);
      expect(token).toMatchObject({
        token_type: 'DPoP',
        scope: 'atproto transition:generic',
        userinfo: { sub: ada, preferred_username: 'ada.test' },
        server: { issuer: 'https://entry.test', pds: 'https://pds.test', did: ada },
      });
      const stored = JSON.parse(JSON.stringify(token)) as OAuth2Token;
      const fresh = await (await clientOf()).refreshToken(stored);
      expect(fresh.refresh_token).not.toBe(token.refresh_token);
      const answer = await client.get('com.atproto.server.getSession', { token: fresh });
      expect(await answer.json()).toEqual({
        sub: ada,
        path: '/xrpc/com.atproto.server.getSession',
      });
      expect(await rejection(client.refreshToken(stored))).toMatchObject({ code: 'invalid_grant' });
    },
  );

  it('knows the client by the key in its document', async () => {
    const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' });
    const client = await clientOf({
      clientId: 'https://keyed.example.com/oauth/client.json',
      privateKey: { ...privateKey.export({ format: 'jwk' }), kty: 'EC', kid: 'key-1' },
      tokenEndpointAuthMethod: 'private_key_jwt',
    });
    const uri = 'https://keyed.example.com/callback/bluesky';
    const document = await clientDocument(client, { redirect_uris: [uri] });
    world.hosts.at.set('https://keyed.example.com', () => Response.json(document));
    const token = await login(client, 'ada.test', uri);
    expect((await client.refreshToken(token)).token_type).toBe('DPoP');
  });

  it('takes a client on a developer’s own machine', async () => {
    const uri = 'http://127.0.0.1:3000/callback/bluesky';
    const client = await clientOf({ clientId: atprotoLoopbackClientId(uri) });
    expect((await login(client, 'ada.test', uri)).userinfo?.sub).toBe(ada);
  });
});
