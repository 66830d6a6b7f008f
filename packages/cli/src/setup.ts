import { atprotoLoopbackClientId, byName } from '@oauth-registry/core/providers';
import { UsageError } from './output.js';

/** A variable of the environment, as `.env` has it. */
export interface Variable {
  name: string;
  value: string;
  about: string;
}

/** What the application of a preset needs before its first login. */
export interface Setup {
  variables: Variable[];
  /** The origin of the application on this machine. */
  origin: string;
  /** What the user must know or do besides, as comments of `.env`. */
  notes: string[];
}

/** Presets whose providers accept only https redirect URIs. */
export const httpsOnly: readonly string[] =
  'amazon apple etsy freshbooks instagram slack threads tiktok yahoo'.split(' ');

/** Presets whose providers accept http redirect URIs on 127.0.0.1 and not on localhost. */
export const addressOnly: readonly string[] =
  'bluesky mailchimp openstreetmap paypal spotify'.split(' ');

/** Returns what a preset needs. Rejects a preset that the application of `init` cannot log in with. */
export function setupOf(provider: string, port: number): Setup {
  const preset = byName(provider)();
  const { displayName = provider, openid2Endpoint, urlVariables = {} } = preset;
  rejectOthers(provider);
  const origin = `http://${addressOnly.includes(provider) ? '127.0.0.1' : 'localhost'}:${port}`;
  const redirectUri = `${origin}/callback/${provider}`;
  const notes = [`The redirect URI is ${redirectUri}.`];
  if (httpsOnly.includes(provider)) {
    notes.push(
      `${displayName} accepts only https redirect URIs: set "baseUrl" of the registry to an https URL that forwards to ${origin}, such as the URL of a tunnel.`,
    );
  }
  const ids = credentialsOf(provider, redirectUri);
  if (openid2Endpoint) notes.push(`${displayName} needs no registration.`);
  else if (provider === 'bluesky')
    notes.push(
      'This client ID is for development. In production it is the URL of your client metadata document.',
    );
  else notes.unshift('Create an application at the provider: its settings have the values.');
  return {
    variables: [
      ...ids.map((one) => ({ ...one, name: `${prefixOf(provider)}_${one.name}` })),
      ...Object.entries(urlVariables).map(([name, variable]) => ({
        name: `${prefixOf(provider)}_${name.replaceAll(/[A-Z]/g, '_$&').toUpperCase()}`,
        value: variable.default ?? '',
        about: variable.ask ?? '',
      })),
    ],
    origin,
    notes,
  };
}

/** The credentials of a client. A public client has no secret, and OpenID 2.0 has neither. */
function credentialsOf(provider: string, redirectUri: string): Variable[] {
  const { openid2Endpoint, tokenEndpointAuthMethod, headers, scope } = byName(provider)();
  const sent = JSON.stringify(headers ?? {});
  const isPublic = tokenEndpointAuthMethod === 'none' && !sent.includes('{client_secret}');
  const id = provider === 'bluesky' ? atprotoLoopbackClientId(redirectUri, String(scope)) : '';
  return [
    ...(openid2Endpoint ? [] : [{ name: 'CLIENT_ID', value: id, about: '' }]),
    ...(openid2Endpoint || isPublic ? [] : [{ name: 'CLIENT_SECRET', value: '', about: '' }]),
    ...(sent.includes('{api_key}')
      ? [{ name: 'API_KEY', value: '', about: openid2Endpoint ? 'optional: for the profile' : '' }]
      : []),
  ];
}

function rejectOthers(provider: string): void {
  const preset = byName(provider)();
  const { displayName = provider, serverLocator, urlVariables, allowLegacyGrants } = preset;
  const page = `https://oauth-registry.github.io/oauth-registry/providers/${provider}`;
  if (serverLocator && !urlVariables && provider !== 'bluesky') {
    throw new UsageError(
      `${displayName} needs a form in which users enter their URL, which the application of "init" does not have. Nothing was written; see ${page}.`,
    );
  }
  if (allowLegacyGrants?.includes('password')) {
    throw new UsageError(
      `${displayName} has no login in the browser, which the application of "init" needs. Nothing was written; see ${page}.`,
    );
  }
}

/** The prefix of a preset's variables in the environment. */
export function prefixOf(provider: string): string {
  return provider.toUpperCase();
}
