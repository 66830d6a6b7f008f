import { OAuth, type RegisterOptions } from '@oauth-registry/core';

/** Something that comes in large numbers. */
export interface BoundsCase {
  name: string;
  /** Megabytes by which the heap may grow at full size. */
  limit: number;
  /** Makes them, a fraction of all with `scale` below 1; returns what must stay alive meanwhile. */
  run(scale: number): Promise<unknown>;
}

const filler = (bytes: number): string => 'x'.repeat(bytes);

/** A server's metadata with so many bytes that nobody needs. */
function metadata({ origin }: URL, bytes: number): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    jwks_uri: `${origin}/jwks`,
    registration_endpoint: `${origin}/register`,
    filler: filler(bytes / 2),
    claims_supported: Array.from({ length: bytes / 40 }, (_, index) => `claim-${index}`),
  };
}

/** Begins a login at each of so many servers; the registry remembers what it may. */
async function logins(
  count: number,
  answer: (url: URL) => object,
  options: RegisterOptions,
): Promise<object> {
  // The servers are in the process: the network is not what is measured.
  const fetch: typeof globalThis.fetch = async (input) =>
    Response.json(answer(new URL(String(input))));
  const oauth = new OAuth({ config: {}, fetch });
  const { corp } = oauth.register('corp', {
    urlVariables: { host: { ask: 'Your organization' } },
    issuer: 'https://{host}',
    serverMetadataUrl: 'https://{host}/.well-known/openid-configuration',
    scope: 'openid',
    ...options,
  });
  for (let index = 0; index < count; index += 1) {
    await corp
      .createAuthorizationUrl('https://app.example/callback', { host: `s${index}.example.com` })
      .catch(() => undefined);
  }
  return oauth;
}

const known: RegisterOptions = { clientId: 'app', servers: () => true };

/** Servers that users name, which send as much as they can. */
export const serverCases: readonly BoundsCase[] = [
  {
    name: '1,000 servers that users name, with metadata of 1 MB',
    limit: 100,
    run: (scale) => logins(1000 * scale, (url) => metadata(url, 1_000_000), known),
  },
  {
    name: '1,000 servers that users name, with metadata of 60 KB',
    limit: 100,
    run: (scale) => logins(1000 * scale, (url) => metadata(url, 60_000), known),
  },
  {
    name: '10,000 registrations at servers that users name, with answers of 60 KB',
    limit: 100,
    run: (scale) =>
      logins(
        10_000 * scale,
        (url) =>
          url.pathname === '/register'
            ? { client_id: url.host, filler: filler(50_000), client_secret: filler(8000) }
            : metadata(url, 2000),
        { clientMetadata: { client_name: 'Bench' } },
      ),
  },
];
