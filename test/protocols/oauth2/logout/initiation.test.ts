import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { openidClient } from '../../../support/apps/express.js';
import { startProvider, type FakeProvider } from '../../../support/provider/index.js';
import { frameworks, type LogoutApp } from './apps.js';

let provider: FakeProvider;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());

const readers = frameworks.filter(([, , canRead]) => canRead);

it('[D8] is not read by a client whose servers users choose, as no server is known', async () => {
  const [[, start] = []] = readers;
  const urls = { issuer: 'https://{host}', urlVariables: { host: { ask: 'Your organization' } } };
  const app = await start?.({ client: { ...urls, clientId: 'app' } });
  const response = await fetch(`${app?.url}/initiate?iss=${provider.issuer}`);
  await app?.close();
  expect(await response.json()).toMatchObject({
    code: 'invalid_options',
    message: expect.stringContaining('register or load a client for that server') as string,
  });
});

describe.each(readers)(
  'a login that began elsewhere, on %s (OpenID Connect Core §4)',
  (_, start) => {
    let app: LogoutApp;
    beforeAll(async () => {
      app = await start({ client: openidClient(provider) });
    });
    afterAll(() => app.close());

    const initiate = (query: Record<string, string> | [string, string][], method = 'GET') => {
      const params = new URLSearchParams(query);
      return method === 'GET'
        ? fetch(`${app.url}/initiate?${params}`)
        : fetch(`${app.url}/initiate`, { method, body: params });
    };

    it.each(['GET', 'POST'])('[X12] is read from a %s', async (method) => {
      const { issuer: iss } = provider;
      const bare = await initiate({ iss }, method);
      expect(await bare.json()).toEqual({ params: {} });
      const full = await initiate(
        { iss, login_hint: 'ada@example.com', target_link_uri: `${app.url}/page?x=1#y` },
        method,
      );
      expect(await full.json()).toEqual({
        params: { login_hint: 'ada@example.com' },
        returnTo: '/page?x=1#y',
      });
    });

    it.each(['https://evil.example', '', 'ISSUER/'])(
      '[X12] results in 400 for an issuer that is not the client’s: %s',
      async (iss) => {
        const answer = await initiate({ iss: iss.replace('ISSUER', provider.issuer) });
        expect(answer.status).toBe(400);
        expect(await answer.json()).toMatchObject({ code: 'mismatching_issuer' });
        expect((await initiate({})).status).toBe(400);
      },
    );

    it.each([
      ['target_link_uri', 'https://evil.example/'],
      ['target_link_uri', '//evil.example'],
      ['target_link_uri', 'APP//evil.example'],
      ['target_link_uri', 'javascript:alert(1)'],
      ['target_link_uri', '/\\evil.example'],
      ['target_link_uri', 'https://user:password@evil.example'],
      ['login_hint', 'a\r\nset-cookie: x=1'],
      ['login_hint', 'x'.repeat(1025)],
    ])('[X12] results in 400 for a foreign or odd %s: %s', async (name, value) => {
      const answer = await initiate({
        iss: provider.issuer,
        [name]: value.replace('APP', app.url),
      });
      expect(answer.status).toBe(400);
      expect(await answer.json()).toMatchObject({ code: 'invalid_callback' });
    });

    it('[X12] results in 400 for a parameter that is there twice', async () => {
      const { issuer } = provider;
      const twice = [
        ['iss', issuer],
        ['iss', issuer],
      ] as [string, string][];
      expect((await initiate(twice)).status).toBe(400);
      const hints = [
        ['iss', issuer],
        ['login_hint', 'a'],
        ['login_hint', 'b'],
      ] as [string, string][];
      expect((await initiate(hints)).status).toBe(400);
    });
  },
);
