import { generateKeyPairSync } from 'node:crypto';
import { OAuth, clientDocument, type RegisterOptions } from '@oauth-registry/core';
import { describe, expect, it } from 'vitest';
import { rejection } from '../../../support/login.js';

const ec = generateKeyPairSync('ec', { namedCurve: 'P-256' });
const jwk = { ...ec.privateKey.export({ format: 'jwk' }), kty: 'EC', kid: 'k1' };
const baseUrl = 'https://app.example';
const clientId = `${baseUrl}/oauth/client.json`;

const register = (options: RegisterOptions = {}, oauth: { baseUrl?: string } = { baseUrl }) =>
  new OAuth({ config: {}, ...oauth }).register('corp', {
    clientId,
    authorizeUrl: 'https://id.example/authorize',
    accessTokenUrl: 'https://id.example/token',
    tokenEndpointAuthMethod: 'none',
    ...options,
  }).corp;

describe('clientDocument()', () => {
  it('[X12] is made of what the client was registered with', async () => {
    const client = register({ scope: ['a', 'b'], dpop: true });
    expect(await clientDocument(client, { client_name: 'My app' })).toEqual({
      client_id: clientId,
      client_name: 'My app',
      client_uri: `${baseUrl}/`,
      application_type: 'web',
      redirect_uris: [`${baseUrl}/callback/corp`],
      grant_types: ['authorization_code', 'refresh_token'],
      response_types: ['code'],
      scope: 'a b',
      token_endpoint_auth_method: 'none',
      dpop_bound_access_tokens: true,
    });
  });

  it('always has a name, which providers demand, and says what kind of application it is', async () => {
    expect((await clientDocument(register())).client_name).toBe('app.example');
    const named = { clientMetadata: { client_name: 'Told' } };
    expect((await clientDocument(register(named))).client_name).toBe('Told');
    const local = { redirect_uris: ['http://127.0.0.1:3000/callback'] };
    expect((await clientDocument(register(), local))['application_type']).toBe('native');
  });

  it('[X12] has the public half of the key, and nothing of the private one', async () => {
    const document = await clientDocument(
      register({ privateKey: jwk, tokenEndpointAuthMethod: 'private_key_jwt' }),
    );
    expect(document).toMatchObject({
      token_endpoint_auth_method: 'private_key_jwt',
      token_endpoint_auth_signing_alg: 'ES256',
      jwks: { keys: [{ kty: 'EC', crv: 'P-256', x: jwk.x, y: jwk.y, kid: 'k1', alg: 'ES256' }] },
    });
    expect(JSON.stringify(document)).not.toContain(String(jwk.d));
  });

  it('[X12] says what else the application says, in place of what was found out', async () => {
    const redirect_uris = [`${baseUrl}/auth/callback/corp`];
    const document = await clientDocument(register({}, {}), { redirect_uris });
    expect(document.redirect_uris).toEqual(redirect_uris);
    const clientMetadata = { logo_uri: `${baseUrl}/logo.png` };
    expect(await clientDocument(register({ clientMetadata }))).toMatchObject(clientMetadata);
  });

  it('[X12] has the URL as client_id that is used if servers read such documents', async () => {
    const clientIdMetadataUrl = `${baseUrl}/other.json`;
    const client = register({ clientId: 'registered', clientIdMetadataUrl });
    expect((await clientDocument(client)).client_id).toBe(clientIdMetadataUrl);
  });

  it('[X12] is made for no client with a secret, without a redirect URI, or with an id that is no URL', async () => {
    for (const client of [
      register({ clientSecret: 's', tokenEndpointAuthMethod: 'client_secret_basic' }),
      register({}, {}),
      register({ clientId: 'app' }),
    ]) {
      expect(await rejection(clientDocument(client))).toMatchObject({ code: 'invalid_options' });
    }
  });
});
