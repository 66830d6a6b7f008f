import { OAuth } from '@oauth-registry/core';
import { atprotoLoopbackClientId, byName, names } from '@oauth-registry/core/providers';
import type { FrameworkClient } from '@oauth-registry/core/adapter';
import { UsageError, type Terminal } from './output.js';

/** Options of a client, as given on the command line. */
export interface ClientArguments {
  /** An issuer URL, or the name of a preset. */
  target: string;
  clientId?: string | undefined;
  clientSecret?: string | undefined;
  scope?: string | undefined;
  /** Additional options as text, such as a preset's URL variables: `domain=my.auth0.example`. */
  set: Readonly<Record<string, string>>;
}

/** Creates the client of a command. Errors speak of the command's options. */
export function makeClient(given: ClientArguments, { env }: Terminal): FrameworkClient {
  const { target, set } = given;
  if (!URL.canParse(target)) checkPreset(target);
  const name = URL.canParse(target) ? 'cli' : target;
  const variable = `${name.toUpperCase().replaceAll('-', '_')}_CLIENT_ID`;
  const { clientSecret, scope } = given;
  const preset = URL.canParse(target) ? undefined : byName(target)();
  // OpenID 2.0 has no clients.
  const needsId = preset?.openid2Endpoint === undefined;
  const clientId = given.clientId ?? env[variable] ?? loopbackId(target, scope);
  if (needsId && !clientId) {
    throw new UsageError(
      `There is no client ID. Pass --client-id, or set ${variable} in the environment or in .env.`,
    );
  }
  const options = {
    ...set,
    ...(clientId ? { clientId } : {}),
    ...(clientSecret === undefined ? {} : { clientSecret }),
    ...(scope === undefined ? {} : { scope }),
  };
  const oauth = new OAuth({ config: env });
  if (!URL.canParse(target)) {
    return oauth.register(target, byName(target)(options)).createClient(target) as never;
  }
  const described = { scope: 'openid profile email', ...options, issuer: target };
  return oauth.register('cli', described).createClient('cli') as never;
}

/** The client ID of an application on a loopback redirect URI, whose port may be any (AT Protocol). */
function loopbackId(target: string, scope?: string): string | undefined {
  return target === 'bluesky'
    ? atprotoLoopbackClientId('http://127.0.0.1/callback', scope)
    : undefined;
}

/** Rejects a name that no preset has, and suggests similar ones. */
export function checkPreset(name: string): void {
  try {
    byName(name);
  } catch {
    const near = similar(name, names);
    throw new UsageError(
      `There is no preset "${name}".${near.length > 0 ? ` Did you mean ${near.join(' or ')}?` : ''} ` +
        'List them with "oauth-registry providers", or pass the issuer URL of the provider.',
    );
  }
}

/** Returns the names that contain a text, or share its first letters. */
function similar(name: string, all: readonly string[]): string[] {
  const wanted = name.toLowerCase().replaceAll(/[^a-z\d]/g, '');
  const ranked = all.map((one) => {
    const plain = one.replaceAll('_', '');
    const isPart = wanted.length > 2 && plain.includes(wanted);
    return { one, far: isPart ? 1 : distance(plain, wanted) };
  });
  const close = ranked.filter(({ far }) => far <= 2).toSorted((a, b) => a.far - b.far);
  return close
    .filter(({ far }) => far === close[0]?.far)
    .map(({ one }) => one)
    .slice(0, 3);
}

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i += 1) {
    const next = [i];
    for (let j = 1; j <= b.length; j += 1) {
      const swap = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(swap, (row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
