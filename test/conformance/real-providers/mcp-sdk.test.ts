import { OAuth, stepUp } from '@oauth-registry/core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { comeBack, login, redirectUri } from '../../support/login.js';
import { sdkVersions, startSdkServer, type Arrangement, type SdkServer } from './mcp-sdk-server.js';

const arrangements: Arrangement[] = ['combined', 'apart'];
const cases = sdkVersions.flatMap((version) =>
  arrangements.map((arrangement) => [version, arrangement] as const),
);

describe.each(cases)('a server made of %s, its metadata %s', (version, arrangement) => {
  let server: SdkServer;
  beforeAll(async () => {
    server = await startSdkServer(version, arrangement);
  }, 30_000);
  afterAll(() => server.close());

  it('logs a user in with one line, refreshes, and steps up to more scope', async () => {
    const { m } = new OAuth({ config: {} }).register('m', { resource: server.resource });
    const token = await login(m);
    const tools = await m.post('', { token, json: { method: 'tools/list' } });
    expect(await tools.json()).toEqual({ ok: true });

    const refreshed = await m.refreshToken(token);
    expect(refreshed.access_token).not.toBe(token.access_token);
    expect((await m.post('', { token: refreshed, json: {} })).status).toBe(200);

    const alone = (await m.createAuthorizationUrl(redirectUri, { scope: 'mcp:tools' })).url;
    expect(new URL(alone).searchParams.get('scope')).toBe('mcp:tools');
    const narrow = new OAuth({ config: {} }).register('m', {
      resource: server.resource,
      scope: 'mcp:tools',
    }).m;
    const first = await login(narrow);
    const refusal = await narrow.post('', { token: first, json: { method: 'admin' } });
    expect(refusal.status).toBe(403);
    const needed = stepUp(refusal, first);
    expect(needed?.code).toBe('insufficient_scope');
    // Only newer versions say which scope it is.
    const params = { scope: 'mcp:tools mcp:admin', ...needed?.params };
    expect(params.scope).toBe('mcp:tools mcp:admin');
    const request = await narrow.createAuthorizationUrl(redirectUri, params);
    const second = await narrow.fetchAccessToken((await comeBack(request)).href, request);
    const admin = await narrow.post('', { token: second, json: { method: 'admin' } });
    expect(await admin.json()).toEqual({ ok: true });

    // The login before the step-up is of another registration by now, and goes on.
    const later = await narrow.refreshToken(first);
    expect((await narrow.post('', { token: later, json: {} })).status).toBe(200);
  });
});
