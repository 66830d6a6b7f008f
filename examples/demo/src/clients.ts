import type { RegisterOptions } from '@oauth-registry/core';
import type { Users } from './users.js';

/** The credentials a provider gave this application, and where it is. */
export interface Registration {
  clientId: string;
  clientSecret: string;
  origin: string;
}

/** What the application is made of, on any framework. */
export interface AppOptions {
  /** The address people open; redirect URIs start with it, never with a request's Host header. */
  baseUrl: string;
  /** Protects sessions for as long as this process runs. Keep yours in the configuration, or restarts log everyone out. */
  secret: string;
  openid: Registration;
  octo: Registration;
  photos: Registration;
  users: Users;
}

/** An OpenID provider: its metadata says everything but where the API is. */
export function openidClient({ origin, ...credentials }: Registration): RegisterOptions {
  return {
    ...credentials,
    serverMetadataUrl: `${origin}/.well-known/openid-configuration`,
    apiBaseUrl: origin,
    scope: 'openid profile email',
  };
}

/** A plain OAuth 2 provider, with a profile of its own. */
export function octoClient({ origin, ...credentials }: Registration): RegisterOptions {
  return {
    ...credentials,
    issuer: `${origin}/login/oauth`,
    authorizeUrl: `${origin}/login/oauth/authorize`,
    accessTokenUrl: `${origin}/login/oauth/access_token`,
    apiBaseUrl: `${origin}/api/v3`,
    userinfoEndpoint: `${origin}/api/v3/user`,
    userinfoComplianceFix: ({ id, name, login, email }) => ({
      sub: identifier(id),
      name: String(name ?? login),
      preferred_username: String(login),
      ...(typeof email === 'string' ? { email } : {}),
    }),
    scope: 'read:user user:email',
  };
}

/** An OAuth 1.0a provider: it has a `requestTokenUrl`. */
export function photosClient({ origin, ...credentials }: Registration) {
  return {
    ...credentials,
    requestTokenUrl: `${origin}/oauth/request_token`,
    authorizeUrl: `${origin}/oauth/authorize`,
    accessTokenUrl: `${origin}/oauth/access_token`,
    apiBaseUrl: `${origin}/v1`,
    userinfoEndpoint: `${origin}/v1/account`,
    userinfoComplianceFix: ({ id, full_name, username }) => ({
      sub: identifier(id),
      name: String(full_name ?? username),
      preferred_username: String(username),
    }),
  } satisfies RegisterOptions;
}

/** Reads a provider's identifier. `String(id)` alone would take everyone without one for "undefined". */
function identifier(id: unknown): string {
  if (typeof id === 'string' || typeof id === 'number') return String(id);
  throw new TypeError('The profile has no "id".');
}
