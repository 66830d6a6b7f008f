import { OAuthError } from '../../model/errors.js';
import type { Params, Token } from '../../model/types.js';
import { isNonEmptyString } from '../../platform/encoding.js';
import { scopeText } from '../../platform/scope.js';
import { isExpired } from '../../platform/token-expiry.js';
import type { TokenRecord } from './records.js';

/** Options of a call that select another access token of the same authorization. */
export interface TokenRequestOptions {
  resource?: string | URL | readonly (string | URL)[] | undefined;
  scope?: string | readonly string[] | undefined;
}

/** Maximum number of access tokens that one record stores besides that of the login. */
const maxStored = 20;

/** What an access token has of its own; the rest belongs to the authorization. */
const ownMembers = [
  'access_token',
  'token_type',
  'expires_in',
  'expires_at',
  'expires_unreadable',
  'scope',
];

/**
 * A request of an access token for a resource (RFC 8707 §2) or a narrower scope (RFC 6749 §6), with
 * the refresh token of an authorization. Each record stores these access tokens beside that of the
 * login.
 */
export class TokenRequest<T extends Token = Token> {
  /** Equal for equal requests, whatever the order of their resources and scopes. */
  readonly name: string;
  /** Parameters of the refresh request. */
  readonly params: Params;

  constructor({ resource, scope }: TokenRequestOptions) {
    const resources = [resource ?? []].flat().map(String);
    const scopes = (scopeText(scope) ?? '').split(' ').filter((one) => one !== '');
    this.name = JSON.stringify([resources.toSorted(), scopes.toSorted()]);
    this.params = {
      ...(resources.length > 0 ? { resource: resources } : {}),
      ...(scopes.length > 0 ? { scope: scopes.join(' ') } : {}),
    };
  }

  /** Returns the stored token, without the refresh token and the id_token of the authorization. */
  tokenIn({ token, narrowed }: TokenRecord<T>): T | undefined {
    const own = narrowed?.[this.name];
    if (!own) return undefined;
    const { refresh_token: _, id_token: __, ...shared } = token as Token;
    for (const name of ownMembers) delete shared[name];
    return { ...shared, ...own } as T;
  }

  /** Returns the record with the response of the refresh: a new refresh token replaces the old one. */
  stored(
    { token, narrowed = {} }: TokenRecord<T>,
    fresh: T,
  ): Pick<TokenRecord<T>, 'token' | 'narrowed'> {
    const members = fresh as Token;
    const own = Object.fromEntries(
      ownMembers.flatMap((name) => (name in members ? [[name, members[name]]] : [])),
    );
    const others = Object.entries(narrowed).filter(
      ([name, other]) => name !== this.name && !isExpired(other as Token),
    );
    return {
      token: { ...token, refresh_token: members['refresh_token'] },
      narrowed: Object.fromEntries([...others.slice(1 - maxStored), [this.name, own]]),
    };
  }
}

/** Returns whether a token has the refresh token that other access tokens are requested with. */
export function hasRefreshToken(token: Token): boolean {
  return isNonEmptyString(token['refresh_token']);
}

/** Creates the error of a call for a resource or scope that has nothing to request a token with. */
export function cannotRequest(client: string, why: string): OAuthError {
  return new OAuthError(
    'invalid_options',
    `"resource" and "scope" request another access token of a stored authorization of "${client}": ${why}.`,
    { client },
  );
}
