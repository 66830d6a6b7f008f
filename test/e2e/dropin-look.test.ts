import { byName, names } from '@oauth-registry/core/providers';
import type { RegisterOptions } from '@oauth-registry/core';
import type { Browser, BrowserContextOptions, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { launchChromium, layoutShift, watchLayoutShifts } from './browser.js';
import { onExpress, serve, type DropInApp } from './dropin-app.js';

let browser: Browser;
let app: DropInApp;

const long =
  'The very long name of a corporation of many words and one Donaudampfschifffahrtsgesellschaft';

/** Every provider there is a preset for, and clients that a page is not made for. */
const clients: Record<string, RegisterOptions> = {
  ...Object.fromEntries(
    names.map((name) => {
      const { displayName, brandColor, mark } = byName(name)({ clientId: 'a', clientSecret: 'b' });
      return [name, { displayName, brandColor, mark }];
    }),
  ),
  long: { displayName: long },
  unbroken: { displayName: 'x'.repeat(200) },
  arabic: { displayName: 'شركة النور', brandColor: '#ffffff' },
  markup: { displayName: '</style><script>document.title = "taken"</script>' },
  emoji: { displayName: '🦊 Fox' },
  asking: {
    displayName: 'A server of yours',
    urlVariables: { instance: { ask: 'Your server' } },
    authorizeUrl: 'https://{instance}/authorize',
    accessTokenUrl: 'https://{instance}/token',
    servers: () => true,
  },
};

const addresses = {
  clientId: 'a',
  clientSecret: 'b',
  authorizeUrl: 'https://id.example/authorize',
  accessTokenUrl: 'https://id.example/token',
};

beforeAll(async () => {
  browser = await launchChromium();
  app = await onExpress({
    clients: Object.fromEntries(
      Object.entries(clients).map(([name, brand]) => [name, { ...addresses, ...brand }]),
    ),
    routes: { page: { styles: ':root { --oauth-radius: 0px }' } },
  });
});

afterAll(async () => {
  await browser?.close();
  await app?.close();
});

/** Opens a page of the application, and fails when Chromium has something to complain about. */
async function visit<T>(
  options: BrowserContextOptions & { path?: string },
  look: (page: Page) => Promise<T>,
): Promise<T> {
  const { path = '/auth/login', ...rest } = options;
  const context = await browser.newContext(rest);
  const page = await context.newPage();
  const complaints: string[] = [];
  page.on('console', (message) => complaints.push(message.text()));
  page.on('pageerror', (error) => complaints.push(error.message));
  try {
    await page.goto(app.url + path);
    const seen = await look(page);
    // The status of an error page is reported, too.
    expect(complaints.filter((text) => !text.includes('status of'))).toEqual([]);
    return seen;
  } finally {
    await context.close();
  }
}

interface Button {
  name: string;
  text: number;
  mark: number;
  height: number;
  radius: string;
}

/** What every button looks like, with contrasts as WCAG 2.2 computes them from the colours on the screen. */
const readButtons = `(() => {
  const canvas = document.createElement('canvas').getContext('2d', { willReadFrequently: true });
  const luminance = (color) => {
    canvas.fillStyle = color;
    canvas.fillRect(0, 0, 1, 1);
    const [r, g, b] = [...canvas.getImageData(0, 0, 1, 1).data].map((level) =>
      level / 255 <= 0.04045 ? level / 255 / 12.92 : ((level / 255 + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (one, other) => {
    const ratio = (luminance(one) + 0.05) / (luminance(other) + 0.05);
    return Math.max(ratio, 1 / ratio);
  };
  return [...document.querySelectorAll('.oauth-login')].map((button) => {
    const { backgroundColor, borderRadius } = getComputedStyle(button);
    const [mark, label] = button.children;
    return {
      name: button.className,
      text: contrast(getComputedStyle(label).color, backgroundColor),
      mark: contrast(getComputedStyle(mark).color, backgroundColor),
      height: button.getBoundingClientRect().height,
      radius: borderRadius,
    };
  });
})()`;

const wider = 'document.documentElement.scrollWidth - document.documentElement.clientWidth';

/** Buttons and texts whose content is cut off or sticks out. */
const cutOff = `[...document.querySelectorAll('.oauth-login, .oauth-login span, h1, p')]
  .filter(({ scrollWidth, clientWidth }) => clientWidth > 0 && scrollWidth > clientWidth)
  .map(({ innerText }) => innerText)`;

const desktop = { viewport: { width: 1280, height: 800 } };
const phone = { viewport: { width: 390, height: 844 }, hasTouch: true, deviceScaleFactor: 3 };

describe.each([
  { width: 'desktop', device: desktop },
  { width: 'phone', device: phone },
])('the sign-in page of every provider on a $width', ({ device }) => {
  test.each(['light', 'dark'] as const)(
    '[D6] has texts, marks and sizes every user can use, in the %s (WCAG 2.2 §1.4.3, §1.4.11, §2.5.5)',
    async (colorScheme) => {
      const seen = await visit({ ...device, colorScheme }, async (page) => ({
        buttons: await page.evaluate<Button[]>(readButtons),
        wider: await page.evaluate(wider),
        cutOff: await page.evaluate(cutOff),
      }));

      expect(seen.buttons).toHaveLength(Object.keys(clients).length);
      for (const { name, text, mark, height, radius } of seen.buttons) {
        expect(text, `the text of ${name}`).toBeGreaterThanOrEqual(4.5);
        expect(mark, `the mark of ${name}`).toBeGreaterThanOrEqual(3);
        expect(height, `the height of ${name}`).toBeGreaterThanOrEqual(44);
        expect(radius).toBe('0px');
      }
      const asking = seen.buttons.find(({ name }) => name.includes('-asking'));
      expect(asking?.height, 'a button below a question is no taller than others').toBeLessThan(60);
      expect(seen).toMatchObject({ wider: 0, cutOff: [] });
    },
  );
});

test.each([
  { why: 'a zoom of 400 %', options: { viewport: { width: 320, height: 200 } }, size: '100%' },
  { why: 'a text of 200 %', options: desktop, size: '200%' },
  { why: 'a text of 200 % on a phone', options: phone, size: '200%' },
])('[D6] the page needs no scrolling sideways at $why (WCAG 2.2 §1.4.4, §1.4.10)', async (how) => {
  await visit(how.options, async (page) => {
    await page.evaluate(`document.documentElement.style.fontSize = '${how.size}'`);
    expect(await page.evaluate(wider)).toBe(0);
    expect(await page.evaluate(cutOff)).toEqual([]);
  });
});

test.each([
  { path: '/auth/login', title: 'Sign in', status: 'sign-in page' },
  { path: '/auth/callback/google?state=x&error=%3Cimg%20src=x%3E', title: 'Sign-in failed' },
  { path: '/auth/login/nosuch', title: 'Sign-in failed' },
])('[D6] $path is a page with a language, one heading, a landmark and no script', async (how) => {
  await visit({ path: how.path, javaScriptEnabled: true }, async (page) => {
    expect(await page.title()).toBe(how.title);
    expect(await page.locator('html').getAttribute('lang')).toBe('en');
    expect(await page.getByRole('heading', { level: 1 }).allInnerTexts()).toEqual([how.title]);
    expect(await page.getByRole('main').count()).toBe(1);
    expect(await page.locator('script, [style], [onclick], img, iframe').count()).toBe(0);
    expect(await page.locator('meta[name=viewport]').getAttribute('content')).not.toMatch(
      /user-scalable|maximum/,
    );
  });
});

test('[D6] names its buttons by their text alone; marks are for the eye', async () => {
  await visit({}, async (page) => {
    expect(await page.getByRole('list').ariaSnapshot()).toContain('link "Continue with GitHub"');
    const links = await page.getByRole('link').allInnerTexts();
    expect(links).toContain('Continue with LinkedIn');
    expect(links).toContain(`Continue with ${clients['markup']?.displayName}`);
    expect(new Set(links.map((text) => text.split(' ', 2).join(' ')))).toEqual(
      new Set(['Continue with']),
    );
  });
});

test('[D6] leaves marks and letters visible in forced colours', async () => {
  await visit({ forcedColors: 'active', colorScheme: 'dark' }, async (page) => {
    const buttons = await page.evaluate<Button[]>(readButtons);
    for (const { name, mark, text } of buttons) {
      expect(mark, `the mark of ${name}`).toBeGreaterThanOrEqual(4.5);
      expect(text, `the text of ${name}`).toBeGreaterThanOrEqual(4.5);
    }
  });
});

test('[D6] moves nothing', async () => {
  await visit({ reducedMotion: 'reduce' }, async (page) => {
    await page.getByRole('link').first().hover();
    expect(await page.evaluate('document.getAnimations().length')).toBe(0);
  });
});

test('[D6] is written from the right in a language that is, with its own words', async () => {
  const arabic = await onExpress({
    clients: { corp: { ...addresses, displayName: 'Corp' } },
    routes: {
      page: { lang: 'ar', title: 'تسجيل الدخول', label: (name) => `المتابعة باستخدام ${name}` },
    },
  });
  const page = await browser.newPage();
  await page.goto(`${arabic.url}/auth/login`);
  const button = page.getByRole('link', { name: 'المتابعة باستخدام Corp' });
  const mark = await button.locator('[aria-hidden]').boundingBox();
  const label = await button.getByText('Corp').boundingBox();

  expect(mark?.x).toBeGreaterThan(label?.x ?? Infinity);
  await page.close();
  await arabic.close();
});

/** Serves the pages of an application in small pieces, as a slow connection does. */
async function slowly({ url }: DropInApp): Promise<DropInApp> {
  return await serve(async (req, res) => {
    const page = await fetch(url + req.url);
    const text = await page.text();
    res.writeHead(page.status, { 'content-type': page.headers.get('content-type') ?? '' });
    const at = text.indexOf('<main');
    for (const piece of [text.slice(0, at), ...(text.slice(at).match(/.{1,700}/gs) ?? [])]) {
      res.write(piece);
      await new Promise((done) => setTimeout(done, 30));
    }
    res.end();
  });
}

test.each([
  ['/auth/login', desktop],
  ['/auth/login', phone],
  ['/auth/login/asking', desktop],
  ['/auth/login/asking', phone],
  ['/auth/callback/google?state=x', desktop],
  ['/auth/callback/google?state=x', phone],
])('[D8] %s moves nothing while it arrives', async (path, device) => {
  const slow = await slowly(app);
  const page = await browser.newPage(device);
  await watchLayoutShifts(page);
  await page.goto(slow.url + path);
  const shift = await layoutShift(page);
  await page.close();
  await slow.close();

  expect(shift).toBe(0);
});

test.each([
  ['light', 'rgb(255, 251, 235)', 'rgb(28, 25, 23)'],
  ['dark', 'rgb(41, 37, 36)', 'rgb(250, 250, 249)'],
] as const)(
  '[D2] has its theme in the %s in a browser without light-dark()',
  async (colorScheme, background, text) => {
    const themed = await onExpress({
      clients: { corp: { ...addresses, displayName: 'Corp', brandColor: '#ffffff' } },
      routes: {
        page: { theme: { background: ['#fffbeb', '#292524'], text: ['#1c1917', '#fafaf9'] } },
      },
    });
    const context = await browser.newContext({ colorScheme, bypassCSP: true });
    const page = await context.newPage();
    await page.route('**/auth/login', async (route) => {
      const response = await route.fetch();
      const body = (await response.text()).replaceAll('light-dark(', 'unknown-function(');
      await route.fulfill({ response, body });
    });
    await page.goto(`${themed.url}/auth/login`);
    const seen = await page.evaluate<string[]>(
      `(({ backgroundColor, color }) => [backgroundColor, color])(getComputedStyle(document.body))`,
    );
    const [button] = await page.evaluate<Button[]>(readButtons);
    await context.close();
    await themed.close();

    expect(seen).toEqual([background, text]);
    expect(button?.text).toBeGreaterThanOrEqual(4.5);
    expect(button?.mark).toBeGreaterThanOrEqual(3);
  },
);
