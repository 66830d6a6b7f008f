import { refreshTokenGrant, type TokenEndpointResponse } from 'openid-client';
import type { OAuth2Token, TokenWarning } from '../../../model/types.js';
import { readBoundType } from '../dpop/bound-token.js';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { callEndpoint, type EndpointCall } from '../endpoint/openid-client.js';
import { normalizeToken, readTokenResponse, readTokenIfAny } from '../endpoint/response.js';

/** The code of a validated callback, and the stored data of its authorization request. */
export interface CodeExchange {
  code: string;
  /** As in the authorization request, byte by byte; not always a URL. */
  redirectUri: string;
  /** The PKCE code verifier; absent if the provider does not support PKCE. */
  codeVerifier: string | undefined;
  /** Extra parameters of the token request. */
  extra: [name: string, value: string][];
  /** The DPoP key that the code is bound to. */
  dpopKey: unknown;
}

/** Exchanges an authorization code for a token (RFC 6749 §4.1.3). */
export async function exchangeCode(
  context: ProtocolContext,
  { code, redirectUri, codeVerifier, extra, dpopKey }: CodeExchange,
): Promise<OAuth2Token> {
  const params = new URLSearchParams(extra);
  params.set('redirect_uri', redirectUri);
  params.set('code', code);
  if (codeVerifier !== undefined) params.set('code_verifier', codeVerifier);
  params.set('grant_type', 'authorization_code');
  return await grant(context, { hooks: 'accessToken', params, dpopKey });
}

/** Sends a refresh token request (RFC 6749 §6). */
export async function refreshGrant(
  context: ProtocolContext,
  { refresh_token: refreshToken = '', dpop_key: dpopKey }: OAuth2Token,
  params: URLSearchParams,
): Promise<OAuth2Token> {
  const read = (body: Record<string, unknown>): OAuth2Token => {
    const { refresh_token: next, ...rest } = body;
    const isUsable = next === undefined || next === null || typeof next === 'string';
    if (isUsable) return normalizeToken(body);
    const message =
      'The "refresh_token" of the response is not a string. The previous one remains stored.';
    context.warn?.({ field: 'refresh_token', message });
    return normalizeToken(rest);
  };
  return await grant(context, {
    hooks: 'refreshToken',
    url: context.options.refreshTokenUrl,
    params,
    dpopKey,
    read,
    run: (configuration, more) => refreshTokenGrant(configuration, refreshToken, more),
  });
}

/** Options of one grant. */
export interface Grant extends Pick<EndpointCall<TokenEndpointResponse>, 'params' | 'run'> {
  /** The client's compliance hooks for this grant. */
  hooks: 'accessToken' | 'refreshToken';
  /** Default: the token endpoint. */
  url?: string | undefined;
  /** The stored key that the token is bound to. Default: a new key. */
  dpopKey?: unknown;
  /** Reads the response, if its fields differ from RFC 6749 §5.1. */
  read?: typeof normalizeToken;
}

/**
 * Requests a token with a function of openid-client. The id_token bypasses it and is returned in the
 * token for `id-token.ts`: openid-client would not verify its signature, and an invalid one would
 * lose a new refresh token.
 */
export async function grant(
  context: ProtocolContext,
  { hooks, url, read = readerFor(context, hooks), dpopKey: stored, ...call }: Grant,
): Promise<OAuth2Token> {
  const { options, dpop, warn } = context;
  const dpopKey = await dpop?.keyFor(stored);
  let token: OAuth2Token | undefined;
  await callEndpoint(context, {
    ...call,
    what,
    url: url ?? requireEndpoint(context, 'token_endpoint', 'accessTokenUrl'),
    dpopKey,
    edit: `${hooks}Request`,
    shape: options.tokenRequest,
    async read(response) {
      const reader = { quirks: options, mendedBy: `${hooks}Response` as const };
      const body = await readTokenResponse(response, what, reader);
      token = dpopKey ? readBoundType(body, read, dpopKey) : read(body);
      // A response may have only an id_token, and a lifetime that is over.
      const { id_token: _idToken, expires_in: _lifetime, ...fields } = token;
      return Object.assign({ access_token: 'none', token_type: 'Bearer' }, fields);
    },
  });
  if (token?.expires_unreadable) warn?.(unreadableExpiry);
  return token as OAuth2Token;
}

const what = 'token endpoint';

/**
 * Returns a reader of token responses that requires an access token unless the client makes it
 * optional.
 */
function readerFor({ options }: ProtocolContext, hooks: Grant['hooks']): typeof normalizeToken {
  const optional = hooks === 'accessToken' && options.tokenResponse?.accessToken === 'optional';
  return optional ? readTokenIfAny : normalizeToken;
}

/** RFC 6749 §5.1: an unreadable lifetime does not fail the response. */
export const unreadableExpiry: TokenWarning = {
  field: 'expires_in',
  message:
    'The expiry time in the token response cannot be parsed. With a refresh token the token ' +
    'is refreshed at the next call, otherwise it is used until the API rejects it.',
};
