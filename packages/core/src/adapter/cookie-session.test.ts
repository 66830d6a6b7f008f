import { describe, expect, it } from 'vitest';
import { formatCookie } from '../platform/http/set-cookie.js';
import {
  createCookieSession,
  type CookieScope,
  type CookieSessionOptions,
} from './cookie-session.js';

const secret = 'a secret of thirty-two characters';

interface Data {
  who?: string;
  pad?: string;
}

/** The cookies of a browser, which responses change one after another. */
class Jar {
  readonly cookies = new Map<string, string>();

  /** One request, which sees what is there now, and the end of its response. */
  request(): { place: CookieScope; respond: () => number } {
    const seen = new Map(this.cookies);
    const sent: Parameters<CookieScope['set']>[0][] = [];
    return {
      place: { get: (name) => seen.get(name), set: (cookie) => void sent.push(cookie) },
      respond: () => {
        for (const { name, value, maxAge } of sent) {
          if (maxAge === 0) this.cookies.delete(name);
          else this.cookies.set(name, value);
        }
        return sent.reduce(
          (total, one) => total + `set-cookie: ${formatCookie(one)}\r\n`.length,
          0,
        );
      },
    };
  }
}

const sessionOf = (more: Partial<CookieSessionOptions> = {}) =>
  createCookieSession<Data, CookieScope>({ secret, ...more }, (place) => place);

describe('two responses that set the session at once', () => {
  it.each([
    [6000, 10],
    [10, 6000],
    [6000, 9000],
    [9000, 6000],
  ])('of %i and %i bytes: the last one wins, and its pieces alone', async (one, two) => {
    const session = sessionOf({ maxBytes: 16_000 });
    for (const before of [undefined, 10, 9000]) {
      const jar = new Jar();
      const save = async (who: string, bytes: number) => {
        const { place, respond } = jar.request();
        await session.setSession({ who, pad: 'x'.repeat(bytes) }, place);
        return respond;
      };
      if (before !== undefined) (await save('before', before))();
      const [first, second] = await Promise.all([save('first', one), save('second', two)]);
      first();
      second();
      const found = await session.getSession(jar.request().place);
      expect(found).toEqual({ who: 'second', pad: 'x'.repeat(two) });
    }
  });

  it('of which one ends it and comes last: it has ended', async () => {
    const session = sessionOf({ maxBytes: 16_000 });
    const jar = new Jar();
    const [a, b] = [jar.request(), jar.request()];
    await session.setSession({ who: 'a', pad: 'x'.repeat(9000) }, a.place);
    await session.clearSession(b.place);
    a.respond();
    const end = jar.request();
    await session.clearSession(end.place);
    end.respond();
    b.respond();
    expect(await session.getSession(jar.request().place)).toBeUndefined();
    expect(jar.cookies.size).toBe(0);
  });
});

describe('maxBytes', () => {
  /** Whether a session of that many bytes is taken, and what its headers take. */
  async function size(bytes: number, more: Partial<CookieSessionOptions>): Promise<number> {
    const { place, respond } = new Jar().request();
    await sessionOf(more).setSession({ pad: 'x'.repeat(bytes) }, place);
    return respond();
  }

  it.each([
    [{}, 4000],
    [{ maxBytes: 4000 }, 4000],
    [{ maxBytes: 12_000 }, 12_000],
    [{ maxBytes: 50_000 }, 50_000],
  ])('leaves 1000 bytes of headers for others: %o', async (more, maxBytes) => {
    let [fits, not] = [0, maxBytes];
    while (not - fits > 1) {
      const middle = Math.floor((fits + not) / 2);
      const taken = await size(middle, more).catch(() => undefined);
      if (taken === undefined) not = middle;
      else fits = middle;
    }
    const taken = await size(fits, more);
    expect(taken).toBeLessThanOrEqual(maxBytes - 1000);
    expect(taken).toBeGreaterThan(maxBytes - 1010);
    await expect(size(not, more)).rejects.toMatchObject({
      code: 'invalid_options',
      message: expect.stringContaining('"maxBytes"') as string,
    });
  });

  it.each([
    [{ maxBytes: 999 }, /"maxBytes" must be/],
    [{ maxBytes: 50_001 }, /"maxBytes" must be/],
    [{ maxBytes: 1.5e3 + 0.5 }, /"maxBytes" must be/],
    [{ maxbytes: 4000 }, /Did you mean "maxBytes"/],
    [{ maxAge: -1 }, /"maxAge" must be/],
  ])('is checked, as the other options are: %o', (options, message) => {
    expect(() => sessionOf(options as object)).toThrow(message);
  });
});

describe('secrets of which some are not set', () => {
  it.each([[['', secret]], [[secret, '']], [['', secret, '']]])(
    'are skipped as long as one is: %o',
    async (list) => {
      const { place, respond } = Object.assign(new Jar()).request();
      await sessionOf({ secret: list }).setSession({ who: 'me' }, place);
      expect(respond()).toBeGreaterThan(0);
    },
  );

  it.each([[['', '']], [['short', secret]], ['']])(
    'are refused if none is good: %o',
    async (list) => {
      const { place } = new Jar().request();
      await expect(sessionOf({ secret: list }).setSession({}, place)).rejects.toMatchObject({
        code: 'invalid_options',
      });
    },
  );
});

it('a session of a version that did not count its pieces still opens', async () => {
  const session = sessionOf({ maxBytes: 16_000 });
  const jar = new Jar();
  const { place, respond } = jar.request();
  await session.setSession({ who: 'me', pad: 'x'.repeat(6000) }, place);
  respond();
  const first = jar.cookies.get('__Host-session.0') ?? '';
  jar.cookies.set('__Host-session.0', first.replace(/^\d+~/, ''));
  expect(await session.getSession(jar.request().place)).toMatchObject({ who: 'me' });
});
