import { OAuth, type RegisterOptions } from '@oauth-registry/core';
import type { OAuth2Client } from '@oauth-registry/core/types';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeBack, login, redirectUri, rejection } from '../../support/login.js';
import { startOAuth2Server } from './oauth2-server.js';
import { startOAuth2orize } from './oauth2orize.js';
import type { PlainProvider } from './plain-provider.js';

const starts = [
  ['oauth2orize', 'access_denied', startOAuth2orize],
  ['@node-oauth/oauth2-server', 'invalid_scope', startOAuth2Server],
] as const;

/** Only characters that the form serialiser leaves as they are. */
const plain = { clientId: 'client-1.a_b', clientSecret: 's3cret-_.*Z', redirectUri };
/** Everything that HTTP Basic may carry, a colon too. */
const odd = { clientId: 'client 1~', clientSecret: 'a-b_c.d~e+f/g=h:i%j&k l%20m', redirectUri };

describe.each(starts)('plain OAuth 2 at %s', (_, refusal, start) => {
  let p: PlainProvider;
  let q: PlainProvider;
  beforeAll(async () => {
    [p, q] = await Promise.all([start(plain), start(odd)]);
  });
  afterAll(() => Promise.all([p.close(), q.close()]));

  const clientAt = ({ base }: PlainProvider, more: RegisterOptions = {}): OAuth2Client =>
    new OAuth({ config: {} }).register('corp', {
      clientId: plain.clientId,
      clientSecret: plain.clientSecret,
      authorizeUrl: `${base}/authorize`,
      accessTokenUrl: `${base}/token`,
      apiBaseUrl: base,
      scope: 'read write',
      ...more,
    }).corp;
  const scopeAt = async (client: OAuth2Client, token: object): Promise<unknown> =>
    await (await client.get('api', { token: token as never })).json();

  it('[R3] a code with PKCE becomes a token that the API takes (RFC 6749 §4.1, RFC 7636)', async () => {
    const client = clientAt(p);
    const token = await login(client);
    expect(token).toMatchObject({ token_type: 'Bearer', expires_in: expect.any(Number) });
    expect(token.expires_at).toBeGreaterThan(Date.now() / 1000 + 3000);
    expect(await scopeAt(client, token)).toEqual({ scope: 'read write' });
  });

  it('[R3] a refresh token is good once, and the next one follows (RFC 6749 §6)', async () => {
    const client = clientAt(p);
    const first = await login(client);
    const second = await client.refreshToken(first);
    expect(second.refresh_token).not.toBe(first.refresh_token);
    const third = await client.refreshToken(second);
    expect(await scopeAt(client, third)).toEqual({ scope: 'read write' });
    expect(await rejection(client.refreshToken(first))).toMatchObject({
      code: 'invalid_grant',
      error: 'invalid_grant',
      phase: 'refresh',
    });
  });

  it.each(['client_secret_basic', 'client_secret_post'])(
    '[R3] the client has a token of its own, with %s (RFC 6749 §4.4)',
    async (tokenEndpointAuthMethod) => {
      const robot = clientAt(p, {
        grantType: 'client_credentials',
        scope: 'read',
        tokenEndpointAuthMethod,
      });
      const token = await robot.clientCredentialsToken();
      expect(token.refresh_token).toBeUndefined();
      expect(await (await robot.get('api')).json()).toEqual({ scope: 'read' });
      p.forget(token.access_token ?? '');
      expect((await robot.get('api')).status).toBe(200);
    },
  );

  it('[A10] Basic carries - _ . * as they are, if the server decodes nothing (RFC 6749 §2.3.1)', async () => {
    const client = clientAt(p, { tokenEndpointAuthMethod: 'client_secret_basic' });
    expect((await login(client)).access_token).toBeTypeOf('string');
  });

  it('[A10] other characters need basicEncoding "raw" or the body there (RFC 6749 §2.3.1)', async () => {
    const { redirectUri: _uri, ...credentials } = odd;
    const encoded = await rejection(login(clientAt(q, credentials)));
    expect(encoded).toMatchObject({ code: 'invalid_client', phase: 'exchange' });
    for (const way of [
      { basicEncoding: 'raw' },
      { tokenEndpointAuthMethod: 'client_secret_post' },
    ] as const) {
      const client = clientAt(q, { ...credentials, ...way });
      const token = await login(client);
      expect(await scopeAt(client, await client.refreshToken(token))).toEqual({
        scope: 'read write',
      });
    }
  });

  it('[A10] a wrong secret is invalid_client, and stays out of the error (RFC 6749 §5.2)', async () => {
    const client = clientAt(p, { clientSecret: 'wrong-secret' });
    const error = await rejection(login(client));
    expect(error).toMatchObject({ code: 'invalid_client', error: 'invalid_client' });
    expect([400, 401]).toContain((error as { providerStatus?: number }).providerStatus);
    expect(JSON.stringify(error) + String(error)).not.toContain('wrong-secret');
  });

  it('[A17] a code is worth nothing with the verifier of another login (RFC 7636 §4.6)', async () => {
    const client = clientAt(p);
    const [mine, theirs] = await Promise.all([
      client.createAuthorizationUrl(redirectUri),
      client.createAuthorizationUrl(redirectUri),
    ]);
    const callback = await comeBack(mine);
    const mixed = { ...mine, codeVerifier: theirs.codeVerifier ?? '' };
    const error = await rejection(client.fetchAccessToken(callback.href, mixed));
    expect(error).toMatchObject({ code: 'invalid_grant', client: 'corp' });
  });

  it('a code is worth nothing twice (RFC 6749 §4.1.2)', async () => {
    const client = clientAt(p);
    const request = await client.createAuthorizationUrl(redirectUri);
    const callback = await comeBack(request);
    await client.fetchAccessToken(callback.href, request);
    const again = await rejection(client.fetchAccessToken(callback.href, request));
    expect(again).toMatchObject({ code: 'invalid_grant', error: 'invalid_grant' });
  });

  it('an error response is reported by its code, and no code is exchanged (RFC 6749 §4.1.2.1)', async () => {
    const error = await rejection(login(clientAt(p, { scope: 'forbidden' })));
    expect(error).toMatchObject({ code: refusal, error: refusal, phase: 'callback' });
  });
});
