import { OAuth } from '@oauth-registry/core';
import { memoryStore } from '@oauth-registry/core/stores/memory';
import { describe, expect } from 'vitest';
import { openidClient, plainClient } from '../support/apps/express.js';
import { login, redirectUri, rejection } from '../support/login.js';
import { it } from '../support/fixtures.js';

describe('a comparison with a value that is not there', () => {
  it.for(['id_token', 'code id_token', 'code id_token token'] as const)(
    'refuses a %s response whose pending login has lost nonce and openid (Core §3.2.2.11)',
    async (responseType, { provider: p, browser }) => {
      const options = { ...openidClient(p), responseType, responseMode: 'fragment' as const };
      const { corp } = new OAuth({ config: {} }).register('corp', options);
      const { nonce: _n, openid: _o, ...kept } = await corp.createAuthorizationUrl(redirectUri);
      const until = (url: URL): boolean => url.href.startsWith(redirectUri);
      const { pending } = await browser.follow(kept.url, { until });
      const fragment = new URLSearchParams(pending?.url.hash.slice(1));
      const error = await rejection(corp.fetchAccessToken(fragment, kept));
      expect(error).toMatchObject({ code: 'invalid_callback' });
      expect(p.count('token')).toBe(0);
    },
  );

  it.for([undefined, null, ''])(
    'refuses to verify an id_token against the nonce %j (Core §3.1.3.7)',
    async (nonce, { provider: p }) => {
      const { corp } = new OAuth({ config: {} }).register('corp', openidClient(p));
      const token = await login(corp);
      const error = await rejection(corp.parseIdToken(token, { nonce: nonce as undefined }));
      expect(error).toMatchObject({ code: 'invalid_options', client: 'corp', phase: 'id_token' });
      expect((await corp.parseIdToken(token)).sub).toBe('user-1');
    },
  );

  it.for([undefined, null, ''])(
    'does not call as the application itself when the owner is %j',
    async (userId, { provider: p }) => {
      const { corp } = new OAuth({ config: {}, tokenStore: memoryStore() }).register('corp', {
        ...plainClient(p),
        grantType: 'client_credentials',
      });
      const error = await rejection(corp.get('me', { userId: userId as undefined }));
      expect(error).toMatchObject({ code: 'invalid_options' });
      expect(p.count('token') + p.count('api')).toBe(0);
      expect((await corp.get('me')).status).toBe(200);
    },
  );
});
