import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { isObject } from '../platform/encoding.js';
import { OAuthError } from '../model/errors.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { MappedUser, ProfileSources } from '../quirks/profile-types.js';
import { mapProfile } from '../quirks/profile-mapping.js';
import { byName, names } from './by-name.js';

interface Sample {
  token: object | string;
  profile?: unknown;
  extra?: Record<string, unknown>;
  idToken?: Record<string, unknown>;
}

const path = '../../../../test/data/provider-samples.json';
const samples = JSON.parse(readFileSync(new URL(path, import.meta.url), 'utf8')) as Record<
  string,
  Sample
>;

/** What may stand where a value was. */
const odd: readonly unknown[] = [
  null,
  '',
  '  ',
  [],
  {},
  [[]],
  [{}],
  true,
  false,
  0,
  -1,
  1e300,
  'a b',
  '"><',
  { toString: 0, valueOf: 0 },
  [{ toString: 0 }],
  undefined,
];

/** Everything that a sample's profile is read from, as plain data. */
function sourcesOf(name: string, { userinfo, apiBaseUrl }: RegisterOptions): ProfileSources {
  const { token, profile, idToken = {}, extra = {} } = samples[name] as Sample;
  const form = new URLSearchParams(typeof token === 'string' ? token : '');
  const named = Object.entries(userinfo?.extra ?? {}).map(([key, { url }]) => {
    const found = Object.entries(extra).find(([end]) => url.includes(end.split('/').at(-1) ?? ''));
    return [key, found?.[1] ?? Object.values(extra)[0]];
  });
  const inToken = userinfo?.from === 'token' || apiBaseUrl === undefined;
  return {
    $: (profile ?? (inToken ? token : idToken)) as Record<string, unknown>,
    token: typeof token === 'string' ? Object.fromEntries(form) : { ...token },
    id_token: idToken,
    callback: {},
    ...(Object.fromEntries(named) as Record<string, unknown>),
  };
}

/** The place of every value, at any depth. */
function places(value: unknown, at: string[] = []): string[][] {
  if (typeof value !== 'object' || value === null) return [at];
  const inside = Object.entries(value).flatMap(([key, member]) => places(member, [...at, key]));
  return at.length < 2 ? inside : [at, ...inside];
}

function changed(value: unknown, [key = '', ...rest]: string[], put: unknown): unknown {
  const inner = (value as Record<string, unknown>)[key];
  const next = rest.length === 0 ? put : changed(inner, rest, put);
  if (Array.isArray(value)) return value.map((item, n) => (String(n) === key ? next : item));
  return { ...(value as object), [key]: next };
}

/** What claims may never be. */
function complaint(user: MappedUser): string | undefined {
  const wrong = Object.entries(user).find(([claim, value]) => {
    if (claim === 'updated_at') return !Number.isFinite(value);
    if (claim.endsWith('_verified')) return typeof value !== 'boolean';
    if (claim === 'address') return !isObject(value);
    const text = typeof value === 'string' ? value : '';
    return text.trim() === '' || /undefined|null|NaN|\[object/.test(text);
  });
  if (user.email_verified && !user.email) return 'a verified email that is none';
  return wrong && `${wrong[0]}: ${JSON.stringify(wrong[1])}`;
}

/** Those whose profile is data; that of others is a text of its own kind. */
const sampled = names.filter((name) => typeof samples[name]?.profile !== 'string' && samples[name]);

describe('a profile with one odd value', () => {
  it.each(sampled)('[F2][M3] of %s makes no odd claim, and no crash', (name) => {
    const options = byName(name)({ clientId: 'app', clientSecret: 'secret' });
    const sources = sourcesOf(name, options);
    const mapping = options.profile ?? {};
    const found: string[] = [];
    for (const place of places(sources)) {
      for (const put of odd) {
        const where = `${place.join('.')} = ${JSON.stringify(put)}`;
        try {
          const user = mapProfile(mapping, changed(sources, place, put) as ProfileSources);
          const problem = complaint(user);
          if (problem) found.push(`${where} → ${problem}`);
        } catch (error) {
          const known = error instanceof OAuthError && error.code === 'invalid_userinfo';
          if (!known) found.push(`${where} → ${String(error)}`);
        }
      }
    }
    expect(places(sources).length).toBeGreaterThan(2);
    expect(found).toEqual([]);
  });

  it.each(names)('[F2] of %s that has lost its identifier is rejected', (name) => {
    const { profile = {} } = byName(name)({ clientId: 'app', clientSecret: 'secret' });
    for (const empty of [{}, { data: null, user: null, response: {}, sub: '', id: ' ', me: [] }]) {
      const sources = { $: empty, token: {}, id_token: {}, callback: {} };
      expect(() => mapProfile(profile, sources)).toThrow(
        expect.objectContaining({ code: 'invalid_userinfo' }),
      );
    }
  });
});
