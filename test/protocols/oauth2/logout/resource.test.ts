import { afterAll, beforeAll, expect, it } from 'vitest';
import { startMcp, type McpWorld } from '../../../support/mcp-world.js';
import { signJws } from '../../../support/provider/index.js';
import { frameworks, type LogoutApp } from './apps.js';

let world: McpWorld;
let app: LogoutApp;

const clientSecret = 'a client secret of thirty-two bytes';

beforeAll(async () => {
  world = await startMcp();
  world.change.server = { end_session_endpoint: `${world.issuer}/end_session` };
  const [[, start] = []] = frameworks;
  const client = {
    resource: world.resource,
    issuer: world.issuer,
    clientId: 'known',
    clientSecret,
    idTokenSignedResponseAlg: 'HS256',
  };
  const made = await start?.({
    client,
    args: { '/logout': ['/logged-out'], '/frontchannel': [{ sid: 's' }] },
  });
  if (!made) throw new Error('There is no framework.');
  app = made;
});
afterAll(() => Promise.all([world.close(), app.close()]));

const now = (): number => Math.floor(Date.now() / 1000);

function logoutToken(claims: object = {}): URLSearchParams {
  const events = { 'http://schemas.openid.net/event/backchannel-logout': {} };
  const own = { iss: world.issuer, aud: 'known', iat: now(), exp: now() + 60, jti: 'j', events };
  const token = signJws({ ...own, sid: 's', ...claims }, { alg: 'HS256' }, clientSecret);
  return new URLSearchParams({ logout_token: token });
}

it('[X14] users are logged out at the server that the resource names', async () => {
  const { headers } = await fetch(`${app.url}/logout`, { redirect: 'manual' });
  const url = new URL(headers.get('location') ?? '');
  expect(url.origin + url.pathname).toBe(`${world.issuer}/end_session`);
  expect(url.searchParams.get('client_id')).toBe('known');
});

it('[X14] that server, and no other, says who is logged out there', async () => {
  const post = async (body: URLSearchParams): Promise<number> =>
    (await fetch(`${app.url}/backchannel`, { method: 'POST', body })).status;
  expect(await post(logoutToken({ iss: world.origin }))).toBe(400);
  expect(await post(logoutToken())).toBe(200);
  const frame = async (iss: string): Promise<number> =>
    (await fetch(`${app.url}/frontchannel?${new URLSearchParams({ iss, sid: 's' })}`)).status;
  expect([await frame(world.origin), await frame(world.issuer)]).toEqual([400, 200]);
  expect(app.events.map(({ iss, sid }) => [iss, sid])).toEqual([
    [world.issuer, 's'],
    [world.issuer, 's'],
  ]);
});
