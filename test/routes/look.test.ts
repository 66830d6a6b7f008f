import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { de, es, fr } from '@oauth-registry/core/texts';
import { mastodon } from '@oauth-registry/core/providers';
import type { PageLook, RoutesOptions } from '@oauth-registry/core/types';
import { OAuth } from '@oauth-registry/express';
import { openidClient } from '../support/apps/express.js';
import { guardedFrameworks } from '../support/apps/guarded.js';
import { frameworks, onExpress, type RoutesApp } from '../support/apps/routes.js';
import { Browser, type Visit } from '../support/browser.js';
import { startInstance, type Instance } from '../support/instance.js';
import { startProvider, type FakeProvider } from '../support/provider/index.js';

let provider: FakeProvider;
let instance: Instance;
let app: RoutesApp;
beforeAll(async () => {
  [provider, instance] = await Promise.all([startProvider(), startInstance()]);
});
afterAll(() => Promise.all([provider.close(), instance.close()]));
beforeEach(() => void vi.spyOn(console, 'error').mockImplementation(() => undefined));
afterEach(async () => {
  vi.restoreAllMocks();
  await app?.close();
  provider.reset();
});

const popup = '0123456789abcdef0123456789abcdef';

async function start(
  page: RoutesOptions['page'],
  routes: Partial<RoutesOptions> = {},
  open = onExpress,
): Promise<Browser> {
  app = await open({
    clients: {
      corp: openidClient(provider, { displayName: 'Corp' }),
      fragment: openidClient(provider, { responseMode: 'fragment' }),
      mastodon: mastodon(),
    },
    oauth: { allowPrivateNetworks: true },
    routes: { page, ...routes },
  });
  return new Browser();
}

const accepting = (language: string) => ({ headers: { 'accept-language': language } });
const titleOf = (visit: Visit): string | undefined => /<h1>(.*?)<\/h1>/s.exec(visit.text())?.[1];
const htmlOf = (visit: Visit): string | undefined => /<html [^>]*>/.exec(visit.text())?.[0];
const wayOn = (visit: Visit): string =>
  / href="([^"]*)"/.exec(visit.text().replaceAll('&amp;', '&'))?.[1] ?? '';

describe.each(Object.entries(frameworks))('the pages of the routes on %s', (_name, open) => {
  it('[D4] are in the language of the browser, if the application offers it', async () => {
    const browser = await start({ lang: ['en', 'de', 'fr'] }, {}, open);
    const url = `${app.url}/auth/login`;
    const seen = [];
    for (const language of ['de-AT,en;q=0.5', 'fr', 'es, fr;q=0.1', 'es', '']) {
      const page = await browser.get(url, accepting(language));
      seen.push([titleOf(page), htmlOf(page)]);
    }
    expect(seen).toEqual([
      ['Anmelden', '<html lang="de" dir="ltr">'],
      ['Connexion', '<html lang="fr" dir="ltr">'],
      ['Connexion', '<html lang="fr" dir="ltr">'],
      ['Sign in', '<html lang="en" dir="ltr">'],
      ['Sign in', '<html lang="en" dir="ltr">'],
    ]);
  });
});

describe('the language of the pages', () => {
  it('[D4] is that of the option on each of them, with the buttons, fields, errors and popups', async () => {
    const browser = await start({ lang: 'de' });
    const list = await browser.get(`${app.url}/auth/login`, accepting('fr'));
    expect(list.text()).toContain('Weiter mit Corp');
    expect(list.text()).toContain('Ihr Mastodon-Server');
    expect(list.text()).toContain('Beispiel: mastodon.social');

    const stale = await browser.get(`${app.url}/auth/callback/corp?state=x&code=y`);
    expect([titleOf(stale), htmlOf(stale)]).toEqual([
      'Anmeldung fehlgeschlagen',
      '<html lang="de" dir="ltr">',
    ]);
    expect(stale.text()).toContain('Noch einmal versuchen');

    provider.once('token', () => ({ status: 500 }));
    const failed = await browser.follow(`${app.url}/auth/login/corp`);
    expect(failed.text()).toMatch(/Referenz: <code>\w{8}<\/code>/);

    provider.quirks.callback = 'error';
    const declined = await browser.follow(`${app.url}/auth/login/corp`);
    expect(titleOf(declined)).toBe('Nicht angemeldet');
    provider.reset();

    const closing = await browser.follow(`${app.url}/auth/login/corp?popup=${popup}`);
    expect(titleOf(closing)).toBe('Sie sind angemeldet');
    provider.once('token', () => ({ status: 500 }));
    const broken = await browser.follow(`${app.url}/auth/login/corp?popup=${popup}`);
    expect(broken.text()).toMatch(/Referenz: \w{8}\.|Anmeldung fehlgeschlagen/);

    const fragment = await browser.get(`${app.url}/auth/callback/fragment`);
    expect(fragment.text()).toContain('<title>Anmeldung läuft</title>');
    expect(fragment.text()).toContain('<html lang="de" dir="auto">');
    expect(fragment.headers.get('content-security-policy')).toContain("form-action 'self'");
    expect(list.text() + stale.text() + declined.text() + closing.text()).not.toMatch(
      />\s*(?:Sign|Continue|Try again|Back|Reference|You )/,
    );
  });

  it('[D4] has texts of the application over those that are shipped, escaped', async () => {
    const browser = await start({
      lang: ['de', 'nl'],
      texts: (lang) =>
        lang === 'nl'
          ? { signIn: 'Inloggen <b>', continueWith: 'Doorgaan met {provider}', failed: undefined }
          : { signIn: 'Bei Acme anmelden' },
    });
    const german = await browser.get(`${app.url}/auth/login`);
    expect(german.text()).toContain('Bei Acme anmelden');
    expect(german.text()).toContain('Weiter mit Corp');
    const dutch = await browser.get(`${app.url}/auth/login`, accepting('nl'));
    expect(titleOf(dutch)).toBe('Inloggen &lt;b&gt;');
    expect(dutch.text()).toContain('Doorgaan met Corp');
  });

  it('[D4] is not claimed by an error page that has no texts of it', async () => {
    const browser = await start({ lang: 'ar', title: 'تسجيل الدخول', label: (name) => name });
    expect(htmlOf(await browser.get(`${app.url}/auth/login`))).toBe('<html lang="ar" dir="rtl">');
    const failed = await browser.get(`${app.url}/auth/callback/corp?state=x`);
    expect(htmlOf(failed)).toBe('<html lang="en" dir="ltr">');
  });

  it('[D4] is that of the texts for loginPage(), which sees no request', () => {
    const oauth = new OAuth({ config: {}, baseUrl: 'https://app.example' }).register('github', {
      clientId: 'a',
      clientSecret: 'b',
    });
    for (const [lang, texts] of Object.entries({ de, es, fr })) {
      const page = oauth.loginPage({ lang, texts });
      expect(page).toContain(`<html lang="${lang}" dir="ltr">`);
      expect(page).toContain(`<h1>${texts.signIn}</h1>`);
      expect(page).toContain(texts.continueWith?.replace('{provider}', 'GitHub'));
    }
    expect(() => oauth.loginPage({ lang: 'de-AT' })).toThrow(
      'loginPage(): "lang" is "de-AT", whose texts only the routes load. Set them: import { de } from ' +
        "'@oauth-registry/core/texts'; loginPage({ lang: 'de', texts: de }).",
    );
    expect(() => oauth.loginPage({ lang: ['en', 'de'] })).toThrow('"lang" is a list');
    expect(oauth.loginPage({ lang: 'de', title: 'Hier', label: () => 'los' })).toContain('Hier');
  });

  it.each(Object.entries(guardedFrameworks))(
    '[D4] is that of the routes on the pages of guards, on %s',
    async (_framework, open) => {
      const guarded = await open({
        clients: { corp: openidClient(provider, { displayName: 'Corp' }) },
        login: { client: 'corp' },
        forgetful: true,
        routes: { page: { lang: 'de' } },
      });
      const browser = new Browser();
      const headers = { 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' };
      const shown = await browser.follow(`${guarded.url}/account`, { headers });
      await guarded.close();
      expect([shown.status, titleOf(shown)]).toEqual([403, 'Anmeldung fehlgeschlagen']);
    },
  );
});

describe('"Try again"', () => {
  it('[D8] leads to the form of the server with the input, after a start that failed', async () => {
    const browser = await start({});
    const input = '"><b>not a server';
    const query = new URLSearchParams({ instance: input, returnTo: '/cart' });
    const failed = await browser.get(`${app.url}/auth/login/mastodon?${query}`);
    expect(failed.status).toBe(400);
    const again = new URL(wayOn(failed), app.url);
    expect([again.pathname, ...again.searchParams]).toEqual([
      '/auth/login/mastodon',
      ['edit', '1'],
      ['instance', input],
      ['returnTo', '/cart'],
    ]);
    const form = await browser.get(again);
    expect(form.text()).toContain('value="&quot;&gt;&lt;b&gt;not a server"');
    expect(form.text()).toContain('<input type="hidden" name="returnTo" value="/cart"');
    expect(form.text()).not.toContain('name="edit"');
  });

  it('[D8] does so after a callback that failed, and after no decline', async () => {
    const browser = await start({});
    const started = `${app.url}/auth/login/mastodon?instance=${instance.origin}`;
    const comeBack = async (error: string): Promise<URL> => {
      const until = (url: URL): boolean => url.pathname.startsWith('/auth/callback');
      const { pending } = await browser.follow(started, { until });
      const callback = new URL(pending?.url ?? '');
      callback.searchParams.delete('code');
      callback.searchParams.set('error', error);
      return new URL(wayOn(await browser.get(callback)), app.url);
    };
    const failed = await comeBack('server_error');
    expect(failed.searchParams.get('instance')).toBe(instance.origin);
    const form = await browser.get(failed);
    expect(form.text()).toContain(`value="${instance.origin}"`);
    expect((await comeBack('access_denied')).pathname).toBe('/auth/login');
  });

  it('[D8] posts the form if logins start with one', async () => {
    const browser = await start({}, { start: 'post' });
    const failed = await browser.post(`${app.url}/auth/login/mastodon`, { instance: 'a b' });
    const form = await browser.get(new URL(wayOn(failed), app.url));
    expect(form.text()).toMatch(/<form[^>]* method="post"/);
    expect(form.text()).toContain('value="a b"');
  });
});

describe('the logo and the links of the pages', () => {
  const policy = (visit: Visit): string => visit.headers.get('content-security-policy') ?? '';

  it.each<[PageLook['logo'], string]>([
    ['/logo.svg', "img-src 'self'"],
    ['https://cdn.example/a;b,c/logo.svg?v=1', 'img-src https://cdn.example/a%3Bb%2Cc/logo.svg'],
    [
      { src: 'https://cdn.example/light.svg', dark: '/dark.svg', alt: '"Acme"' },
      "img-src https://cdn.example/light.svg 'self'",
    ],
  ])('[D8] are on every page, whose policy allows the logo alone: %j', async (logo, source) => {
    const links = [{ text: 'Terms & privacy', href: '/terms?a=1&b=2' }];
    const browser = await start({ logo, links });
    for (const path of ['/auth/login', '/auth/login/mastodon', '/auth/callback/corp?state=x']) {
      const page = await browser.get(app.url + path);
      expect(policy(page)).toMatch(
        /^default-src 'none'; style-src 'sha256-[\w+/=]{44}'; script-src 'none'; img-src [^;]+; base-uri 'none'; frame-ancestors 'none'$/,
      );
      expect(policy(page)).toContain(`${source};`);
      expect(page.text()).toContain(
        '<a href="/terms?a=1&amp;b=2" dir="auto">Terms &amp; privacy</a>',
      );
      expect(page.text()).toContain('class="oauth-logo"');
    }
    if (typeof logo === 'object') {
      const page = await browser.get(`${app.url}/auth/login`);
      expect(page.text()).toContain('alt="&quot;Acme&quot;"');
      expect(page.text()).toContain(
        '<source srcset="/dark.svg" media="(prefers-color-scheme: dark)"',
      );
    }
  });

  it('[D8] are not there without the options, and no policy for them', async () => {
    const browser = await start({});
    const page = await browser.get(`${app.url}/auth/login`);
    expect(policy(page)).not.toContain('img-src');
    expect(page.text()).not.toMatch(/<img|<footer/);
  });

  it('[D8] can be of each language', async () => {
    const browser = await start({
      lang: ['en', 'de'],
      links: (lang) => [{ text: lang === 'de' ? 'Impressum' : 'Imprint', href: '/imprint' }],
    });
    expect((await browser.get(`${app.url}/auth/login`)).text()).toContain('>Imprint<');
    const german = await browser.get(`${app.url}/auth/login`, accepting('de'));
    expect(german.text()).toContain('>Impressum<');
  });
});

describe('the options of the pages', () => {
  const wrong: [object, string][] = [
    [
      { lang: 'de_AT' },
      '"lang" must be a language tag, such as "de" or "pt-BR" (BCP 47) (it is "de_AT")',
    ],
    [{ lang: 7 }, '"lang" must be a language tag'],
    [{ lang: ['de', 'x y'] }, 'has an item that must be a language tag'],
    [{ lang: [] }, '(it is [])'],
    [{ lang: 'nl' }, 'there are no texts of "nl", only of en, de, fr and es; set "texts"'],
    [{ lang: ['en', 'nl'] }, 'there are no texts of "nl"'],
    [{ lang: ['en', 'de'], texts: { signIn: 'Hallo' } }, '"texts" must be a function'],
    [{ texts: { signin: 'Hallo' } }, 'did you mean "signIn"?'],
    [{ texts: { signIn: '' } }, 'has a "signIn" that must be a non-empty string'],
    [{ texts: { questions: { 'Your server': 7 } } }, 'has a "questions" that'],
    [{ texts: 'de' }, '"texts" must be an object'],
    [{ logo: 'javascript:alert(1)' }, 'begins with one "/" (it is "javascript:alert(1)")'],
    [{ logo: 'data:image/png;base64,AA' }, '"logo" must be an http or https URL'],
    [{ logo: 'logo.svg' }, '(it is "logo.svg")'],
    [{ logo: '//cdn.example/logo.svg' }, '(it is "//cdn.example/logo.svg")'],
    [{ logo: { source: '/a.svg' } }, '"logo" must be an object without "source"'],
    [{ logo: { alt: 'Acme' } }, '"logo" is missing the member "src"'],
    [{ links: [{ text: 'Terms', href: 'java\nscript:alert(1)' }] }, 'must be an http or https URL'],
    [{ links: [{ text: 'Terms', href: '/\\evil.example' }] }, 'must be an http or https URL'],
    [{ links: [{ text: 'Terms', href: '/\t/evil.example' }] }, 'must be an http or https URL'],
    [{ links: [{ href: '/terms' }] }, 'is missing the member "text"'],
    [{ links: '/terms' }, '"links" must be a list'],
    [{ theme: { background: '#ffffff' } }, 'must be a pair of colors'],
    [{ theme: { background: ['#fff', 'black'] } }, '(it is ["#fff","black"])'],
    [{ theme: { background: ['#ffffff', '#ffffff'] } }, 'has a "text" with a contrast of 1.0'],
    [{ theme: { radius: '0; } body { display: none' } }, 'must be one value of CSS'],
    [{ theme: { color: ['#ffffff', '#000000'] } }, '"theme" must be an object without "color"'],
  ];

  it.each(wrong)('say what is wrong when the routes are made: %j', (page, problem) => {
    const oauth = new OAuth({ config: {}, baseUrl: 'https://app.example' });
    const make = () => oauth.routes({ onLogin: () => undefined, page: page as never });
    expect(make).toThrow(expect.objectContaining({ code: 'invalid_options' }));
    expect(make).toThrow(problem);
  });
});
