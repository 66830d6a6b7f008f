import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OAuth, isOAuthError, readBackchannelPing } from '@oauth-registry/core';
import type { BackchannelAuthentication, OAuth2Client } from '@oauth-registry/core/types';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { rejection } from '../../support/login.js';
import { startOidcProvider, type RealProvider } from './oidc-provider.js';

const grant = 'urn:openid:params:grant-type:ciba';
const client_secret = 'a secret of thirty-two characters';
const notificationToken = 'a-token.of~the+client/of-128-bits==';

let real: RealProvider;
/** Where the provider pings. */
const receiver = createServer();
const store = new Map<string, BackchannelAuthentication>();
const pinged: { status: number; token?: string | undefined; code?: unknown }[] = [];
let corp: OAuth2Client;

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

receiver.on('request', async (request, response) => {
  const ping = { authorization: request.headers.authorization, body: await textOf(request) };
  const codeOf = (error: unknown) => (isOAuthError(error) ? error.code : String(error));
  try {
    const pending = await readBackchannelPing(ping, (id) => store.get(id));
    response.writeHead(204).end();
    const { token } = await corp.grants.pollBackchannelAuthentication(pending);
    pinged.push({ status: 204, token: token?.userinfo?.sub });
  } catch (error) {
    if (!response.headersSent) response.writeHead(401).end();
    pinged.push({ status: response.statusCode, code: codeOf(error) });
  }
  receiver.emit('pinged');
});

beforeAll(async () => {
  receiver.listen(0, '127.0.0.1');
  await once(receiver, 'listening');
  const endpoint = `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/ping`;
  real = await startOidcProvider({
    clients: [
      {
        client_id: 'pinged',
        client_secret,
        grant_types: [grant],
        redirect_uris: [],
        response_types: [],
        backchannel_token_delivery_mode: 'ping',
        backchannel_client_notification_endpoint: 'https://app.example/ping',
      },
    ],
    configuration: {
      // app.example is this machine.
      fetch: (_address, options) =>
        fetch(endpoint, { ...options, dispatcher: undefined } as RequestInit),
      features: {
        ciba: {
          enabled: true,
          deliveryModes: ['ping'],
          processLoginHint: (_context, hint) => hint,
          validateBindingMessage: () => undefined,
          validateRequestContext: () => undefined,
          verifyUserCode: () => undefined,
          triggerAuthenticationDevice: async () => undefined,
        },
      },
    },
  });
  corp = new OAuth({ config: {} }).register('corp', {
    clientId: 'pinged',
    clientSecret: client_secret,
    issuer: real.issuer,
    scope: 'openid email',
  }).corp;
});
afterAll(async () => {
  receiver.closeAllConnections();
  await Promise.all([real.close(), new Promise((resolve) => receiver.close(resolve))]);
});
beforeEach(() => {
  store.clear();
  pinged.length = 0;
});

/** The person agrees on the telephone, or does not. */
async function decide(pending: BackchannelAuthentication, agreed: boolean): Promise<void> {
  const { Grant, BackchannelAuthenticationRequest, Client } = real.provider;
  const given = new Grant({ accountId: 'user-1', clientId: 'pinged' });
  given.addOIDCScope('openid email');
  await given.save();
  const request = await BackchannelAuthenticationRequest.find(pending.auth_req_id);
  if (!request || !(await Client.find('pinged'))) throw new Error('There is no such request.');
  const { errors } = await import('oidc-provider');
  const told = once(receiver, 'pinged');
  const result = agreed ? given : new errors.AccessDenied('The person said no.');
  await real.provider.backchannelResult(request, result).catch(() => undefined);
  await told;
}

async function start(): Promise<BackchannelAuthentication> {
  const pending = await corp.grants.startBackchannelAuthentication({
    login_hint: 'user-1',
    client_notification_token: notificationToken,
  });
  return JSON.parse(JSON.stringify(pending)) as BackchannelAuthentication;
}

describe('CIBA in ping mode at oidc-provider', () => {
  it('[X12] the ping says when to poll, and the token is there (CIBA Core §10.2)', async () => {
    const pending = await start();
    expect(pending.client_notification_token).toBe(notificationToken);
    expect(await corp.grants.pollBackchannelAuthentication(pending)).toEqual({ pending });
    store.set(pending.auth_req_id, pending);
    await decide(pending, true);
    expect(pinged).toEqual([{ status: 204, token: 'user-1' }]);
  });

  it('[X12] a denial is pinged, too', async () => {
    const pending = await start();
    store.set(pending.auth_req_id, pending);
    await decide(pending, false);
    expect(pinged).toEqual([{ status: 204, code: 'access_denied' }]);
  });

  it('[X12] a ping about what this client did not start is refused (CIBA Core §10.2)', async () => {
    const pending = await start();
    await decide(pending, true);
    expect(pinged).toEqual([{ status: 401, code: 'invalid_token' }]);
  });
});

describe('readBackchannelPing()', () => {
  const pending: BackchannelAuthentication = {
    auth_req_id: 'request-1',
    interval: 5,
    expires_at: 4e9,
    client_notification_token: notificationToken,
  };
  const authorization = `Bearer ${notificationToken}`;
  const find = (id: string) => (id === pending.auth_req_id ? pending : undefined);

  it('[X12] takes a body that was parsed already', async () => {
    const body = { auth_req_id: 'request-1' };
    expect(await readBackchannelPing({ authorization, body }, find)).toBe(pending);
  });

  it.each<[string, Partial<Parameters<typeof readBackchannelPing>[0]>]>([
    ['without a token', { authorization: undefined }],
    ['with another token', { authorization: `Bearer x${notificationToken.slice(1)}` }],
    ['with a longer token', { authorization: `Bearer x${notificationToken}` }],
    ['with another scheme', { authorization: `Basic ${notificationToken}` }],
    ['with a token in two parts', { authorization: `Bearer x, Bearer ${notificationToken}` }],
    ['about another request', { body: '{"auth_req_id":"request-2"}' }],
    ['about no request', { body: '{}' }],
    ['with an id that is no text', { body: { auth_req_id: ['request-1'] } }],
    ['with a body that is no JSON', { body: 'auth_req_id=request-1' }],
  ])('[X12] refuses a ping %s (CIBA Core §10.2)', async (_, change) => {
    const ping = { authorization, body: '{"auth_req_id":"request-1"}', ...change };
    expect(await rejection(readBackchannelPing(ping, find))).toMatchObject({
      code: 'invalid_token',
    });
  });

  it('[X12] refuses one if no token was agreed on, or the store finds something else', async () => {
    const { client_notification_token: _, ...poll } = pending;
    const body = '{"auth_req_id":"request-1"}';
    for (const found of [poll, { ...poll, client_notification_token: '' }]) {
      const reading = readBackchannelPing({ authorization, body }, () => found);
      expect(await rejection(reading)).toMatchObject({ code: 'invalid_token' });
    }
    const other = { ...pending, auth_req_id: 'request-2' };
    const reading = readBackchannelPing({ authorization, body }, () => other);
    expect(await rejection(reading)).toMatchObject({ code: 'invalid_token' });
  });
});
