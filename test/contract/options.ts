import type { OAuthOptions, RegisterOptions } from '@oauth-registry/core';
import type { LogoutEvent } from '@oauth-registry/core/types';
import { decodeJwt } from 'jose';
import { ownStore } from './faulty-store.js';
import type { ContractConfig, Platform } from './types.js';

/** What applications of the contract seal their cookies with. */
export const secret = 'a secret of thirty-two characters';

/** The registry's options: those of the config, and the platform's storage of pending logins. */
export function oauthOptions(
  config: ContractConfig,
  url: string,
  stateStorage: 'session' | 'cookie',
): OAuthOptions {
  const storage = config.stateStorage ?? stateStorage;
  return {
    config: {},
    baseUrl: url,
    ...config.oauth,
    stateStorage: storage === 'own' ? ownStore(config.store) : storage,
    ...(storage === 'cookie' ? { secret } : {}),
  };
}

/** The clients of a config; those of OpenID providers record the logouts. */
export function clientsOf(
  { clients }: ContractConfig,
  events: LogoutEvent[],
): [string, RegisterOptions][] {
  const write = (event: LogoutEvent): void => void events.push(event);
  const hooks = { onBackchannelLogout: write, onFrontchannelLogout: write };
  return Object.entries(clients).map(([name, client]) => [
    name,
    client.requestTokenUrl === undefined ? { ...hooks, ...client } : client,
  ]);
}

/** The data of a login that the application stores: the client, and the token for API calls. */
export interface SavedLogin {
  client: string;
  token: Record<string, unknown>;
}

/** A token without its copy of the claims, so that it fits into a cookie. */
export function savedLogin(client: string, token: object): SavedLogin {
  const { userinfo: _, ...stored } = token as Record<string, unknown>;
  return { client, token: stored };
}

/** The session of the browser, as `frontchannelLogout` takes it: the `sid` of its id_token. */
export function frontchannelSession(
  found: Record<string, unknown> | null | undefined,
): { sid?: string } | undefined {
  const { login } = (found ?? {}) as { login?: SavedLogin };
  if (!login) return undefined;
  return decodeJwt<{ sid?: string }>(String(login.token['id_token']));
}

/** The response of `/me` for a session. */
export function describe(found: Record<string, unknown> | null | undefined): object {
  const { login, word } = (found ?? {}) as { login?: SavedLogin; word?: string };
  return { ...(login ? { client: login.client } : {}), ...(word === undefined ? {} : { word }) };
}

/** The response to a failure: the public fields of an OAuthError, or none. */
export function responseOf(error: unknown): { status: number; body: object } {
  if (!(error instanceof Error) || error.name !== 'OAuthError') {
    const { statusCode = 500 } = error as { statusCode?: number };
    return { status: statusCode, body: { unexpected: true } };
  }
  const { code, statusCode, client, phase, message } = error as Error & Record<string, unknown>;
  return { status: Number(statusCode), body: { code, statusCode, client, phase, message } };
}

export const sessionInStore: Platform = { pending: 'store', session: 'store' };
export const sessionInCookie: Platform = { pending: 'cookie', session: 'cookie' };
