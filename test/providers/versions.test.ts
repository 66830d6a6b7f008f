import { OAuth } from '@oauth-registry/core';
import { byName } from '@oauth-registry/core/providers';
import { describe, expect, it } from 'vitest';
import { clientId, clientSecret } from '../support/apps/preset.js';
import { json, startWire } from '../support/wire.js';

const token = { access_token: 'at', token_type: 'Bearer' };

/** Providers whose documentation names another host or version than it once did. */
const places: [name: string, authorizeUrl: string, api: string, headers: object][] = [
  ['threads', 'https://threads.com/oauth/authorize', 'https://graph.threads.com/v1.0/it', {}],
  ['discord', 'https://discord.com/oauth2/authorize', 'https://discord.com/api/v10/it', {}],
  [
    'notion',
    'https://api.notion.com/v1/oauth/authorize',
    'https://api.notion.com/v1/it',
    { 'notion-version': '2026-03-11' },
  ],
];

describe('a preset', () => {
  it.each(places)(
    'asks %s at the host and in the version that its documentation names',
    async (name, authorizeUrl, api, headers) => {
      const wire = await startWire({ [`GET ${api}`]: json({}) });
      const options = byName(name)({ clientId, clientSecret });
      const { it: client } = new OAuth({ config: {}, fetch: wire.fetch }).register('it', options);
      const { url } = await client.createAuthorizationUrl('https://app.example/callback');
      expect(url.startsWith(`${authorizeUrl}?`)).toBe(true);
      expect((await client.get('it', { token })).status).toBe(200);
      expect(wire.last(`GET ${api}`).headers).toMatchObject(headers);
      await wire.close();
    },
  );
});
