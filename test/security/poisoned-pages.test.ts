import { OAuth } from '@oauth-registry/core';
import { mastodon } from '@oauth-registry/core/providers';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { Browser, type Visit } from '../support/browser.js';
import { login, rejection } from '../support/login.js';
import { listenToOutput } from '../support/canaries.js';
import { oauth1Client, openid2Client, openidClient } from '../support/apps/express.js';
import { startProvider, type FakeProvider, type IdTokenInput } from '../support/provider/index.js';
import { onExpress, type RoutesApp } from '../support/apps/routes.js';
import { placesOf, poisonedName, poisons, textsOfAll, unreadableWords, watch } from './poison.js';

let provider: FakeProvider;
let app: RoutesApp;
let watched: ReturnType<typeof watch>;
let printed: () => string;

beforeAll(async () => {
  provider = await startProvider();
});
afterAll(() => provider.close());
beforeEach(async () => {
  watched = watch();
  printed = listenToOutput();
  app = await onExpress({
    clients: {
      corp: openidClient(provider),
      one: oauth1Client(provider),
      openid2: openid2Client(provider),
      mastodon: mastodon(),
    },
  });
  watched.listenTo(app.oauth);
});
afterEach(async () => {
  vi.restoreAllMocks();
  watched.stop();
  await app.close();
  provider.reset();
});

/** A response as it is shown: its page, and the headers but for the URL of a provider. */
function shownIn(visit: Visit): Record<string, string> {
  const headers = [...visit.headers].filter(([name]) => name !== 'location');
  return { page: visit.text(), headers: JSON.stringify(headers) };
}

/** What others wrote, in the response and in everything that was told of it. */
function leaksOf(visit: Visit): string[] {
  const errors = app.failures.splice(0).map(({ error }) => error);
  const texts = { ...shownIn(visit), ...watched.texts(), printed: printed() };
  const ofErrors = errors.flatMap((error) => [
    ...placesOf(textsOfAll(error)),
    ...unreadableWords(error),
  ]);
  return [...placesOf(texts), ...ofErrors];
}

const params = {
  corp: 'code state iss error error_description error_uri id_token access_token response session_state',
  one: 'oauth_token oauth_verifier denied oauth_problem oauth_problem_advice',
  openid2:
    'openid.mode openid.ns openid.error openid.op_endpoint openid.claimed_id openid.sig openid.signed',
};

describe.each(Object.entries(params))('a callback of %s', (client, names) => {
  it.each([...names.split(' '), poisonedName])(
    'shows no text of its %j',
    { timeout: 30_000 },
    async (name) => {
      const found: string[] = [];
      for (const [kind, poison] of Object.entries(poisons)) {
        const browser = new Browser();
        const until = (url: URL): boolean => url.href.startsWith(`${app.url}/auth/callback`);
        const { pending } = await browser.follow(`${app.url}/auth/login/${client}`, { until });
        if (!pending) throw new Error('There was no callback.');
        const { searchParams } = pending.url;
        if (name.startsWith('error_')) searchParams.set('error', 'server_error');
        if (name.endsWith('_advice')) searchParams.set('oauth_problem', 'permission_unknown');
        if (name === 'openid.error') searchParams.set('openid.mode', 'error');
        searchParams.set(name, String(poison));
        const visit = await browser.get(pending.url);
        found.push(...leaksOf(visit).map((leak) => `${kind}: ${leak}`));
      }
      expect(found).toEqual([]);
    },
  );
});

it(
  'shows no text of a request’s URL, its parameters or its headers, but what a question got, escaped',
  { timeout: 60_000 },
  async () => {
    const found: string[] = [];
    for (const poison of Object.values(poisons).map(String)) {
      const text = encodeURIComponent(poison);
      for (const path of [
        `login/${text}`,
        `callback/${text}?code=1&state=2`,
        `login/corp?returnTo=${text}`,
        `login/corp?prompt=${text}&login_hint=${text}&${text}=${text}`,
        `login/mastodon?instance=${text}`,
        `login?returnTo=${text}`,
        `callback/corp?error=${text}&state=${text}`,
        `logout?returnTo=${text}`,
        `access/${text}`,
        text,
      ]) {
        const headers = {
          referer: poison,
          origin: poison,
          'oauth-request': poison,
          'x-forwarded-host': poison,
        };
        const printable = Object.entries(headers).map(([name, value]) => [
          name,
          value.replaceAll(/[^\x20-\x7e]/g, ''),
        ]);
        const visit = await new Browser().get(`${app.url}/auth/${path}`, {
          headers: Object.fromEntries(printable) as Record<string, string>,
        });
        const page = shownIn(visit)['page'] ?? '';
        const own = visit.text().includes('oauth-question') || visit.status === 404;
        const places = own ? leaksOf({ ...visit, text: () => '' }) : leaksOf(visit);
        if (/<script>kestrel|" onload|\p{Bidi_Control}|(?!\s)\p{Cc}/u.test(page))
          places.push(`page: ${page}`);
        found.push(...places.map((leak) => `${path}: ${leak}`));
      }
    }
    expect(found).toEqual([]);
  },
);

/** Every member of an object with every poison, each by itself. */
function poisonedMembers(body: object): Record<string, unknown>[] {
  return [...Object.keys(body), poisonedName].flatMap((name) =>
    Object.values(poisons).map((poison) => ({ [name]: poison })),
  );
}

it('shows no text of any claim or header of an id_token', { timeout: 60_000 }, async () => {
  const found: string[] = [];
  let seen: IdTokenInput | undefined;
  provider.idToken = (input) => {
    seen = input;
    return input.sign();
  };
  const { corp } = new OAuth({ config: {} }).register('corp', openidClient(provider));
  await login(corp);
  const more = 'auth_time azp acr nbf at_hash sid events'.split(' ').map((name) => [name, '']);
  const claims = { ...seen?.claims, ...(Object.fromEntries(more) as object) };
  const header = { ...seen?.header, typ: '', cty: '', crit: '', jku: '', x5c: '', enc: '' };
  const variants = [
    ...poisonedMembers(claims).map((change) => ({ part: 'claims', change })),
    ...poisonedMembers(header).map((change) => ({ part: 'header', change })),
  ];
  for (const { part, change } of variants) {
    provider.idToken = ({ claims: right, header: head, sign }) =>
      part === 'claims' ? sign({ ...right, ...change }) : sign(right, { ...head, ...change });
    const error = await login(corp).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    found.push(
      ...placesOf(textsOfAll(error)).map((leak) => `${part} ${Object.keys(change)[0]}: ${leak}`),
    );
  }
  found.push(...placesOf({ ...watched.texts(), printed: printed() }));
  expect(found).toEqual([]);
});

it('finds what it looks for', async () => {
  const error = await rejection(Promise.reject(new Error('<script>kestrel()</script>')));
  expect(placesOf(textsOfAll(error)).length).toBeGreaterThan(2);
});
