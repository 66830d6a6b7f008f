import * as openid from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import type { OAuth2Token, TokenWarning } from '../../../model/types.js';
import { readBoundType } from '../dpop/bound-token.js';
import { endpointOf, type ProtocolContext } from '../endpoint/context.js';
import type { DpopKey } from '../dpop/proof.js';
import { postForm } from '../endpoint/form-request.js';
import { configure } from '../endpoint/openid-client.js';
import { readToken, readTokenAnswer, readTokenIfAny } from '../endpoint/response.js';

/** A callback that passed its checks, and what its authorization request left behind. */
export interface CodeExchange {
  params: URLSearchParams;
  state: string;
  redirectUri: string;
  /** PKCE; absent where the provider has none of it. */
  codeVerifier: string | undefined;
  /** Extra parameters of the token request. */
  extra: URLSearchParams;
  /** The key that the code is bound to. */
  dpopKey?: unknown;
}

/**
 * Trades an authorization code for a token (RFC 6749 §4.1.3).
 */
export async function exchangeCode(
  context: ProtocolContext,
  exchange: CodeExchange,
): Promise<OAuth2Token> {
  const { params, state, redirectUri, codeVerifier, extra } = exchange;
  const callback = new URL('https://callback.invalid/');
  callback.searchParams.set('code', params.get('code') ?? '');
  callback.searchParams.set('state', state);
  const checks = {
    expectedState: state,
    ...(codeVerifier === undefined ? {} : { pkceCodeVerifier: codeVerifier }),
  };
  return await grant(context, {
    hooks: 'accessToken',
    dpopKey: exchange.dpopKey,
    // openid-client derives the redirect URI from a URL and loses its query; the provider compares bytes.
    edit: (body) => body.set('redirect_uri', redirectUri),
    run: (configuration) => openid.authorizationCodeGrant(configuration, callback, checks, extra),
  });
}

/**
 * Trades a refresh token for a new token response (RFC 6749 §6).
 */
export async function refreshGrant(
  context: ProtocolContext,
  { refresh_token: refreshToken = '', dpop_key: dpopKey }: OAuth2Token,
  extra: URLSearchParams,
): Promise<OAuth2Token> {
  const read = (body: Record<string, unknown>): OAuth2Token => {
    const { refresh_token: next, ...rest } = body;
    const isUsable = next === undefined || next === null || typeof next === 'string';
    if (isUsable) return readToken(body);
    const message =
      'The "refresh_token" of the response is not a string; the one before it is stored.';
    context.warn?.({ field: 'refresh_token', message });
    return readToken(rest);
  };
  return await grant(context, {
    hooks: 'refreshToken',
    dpopKey,
    read,
    run: (configuration) => openid.refreshTokenGrant(configuration, refreshToken, extra),
  });
}

/** What the grants differ in. */
export interface Grant {
  /** Which of the client's compliance hooks mend it. */
  hooks: 'accessToken' | 'refreshToken';
  edit?: (body: URLSearchParams) => void;
  /** The stored key that the token is to be bound to; without one, a new one. */
  dpopKey?: unknown;
  /** Reads the answer's fields, where they are not those of RFC 6749 §5.1. */
  read?: typeof readToken;
  run: (configuration: openid.Configuration) => Promise<unknown>;
}

/**
 * Runs one grant of openid-client over our own fetch. The id_token does not pass through openid-client,
 * which would not verify its signature; it comes back in the token for `id-token.ts` to verify in full.
 */
export async function grant(
  context: ProtocolContext,
  { hooks, edit, read = readerFor(context, hooks), run, dpopKey: stored }: Grant,
): Promise<OAuth2Token> {
  endpointOf(context, 'token_endpoint', 'accessTokenUrl');
  let token: OAuth2Token | undefined;
  const dpopKey = await context.dpop?.keyFor(stored);
  const configuration = configure(context, async (url, request) => {
    edit?.(request.body);
    const answer = await requestToken(context, hooks, { url, dpopKey, ...request });
    token = dpopKey ? readBoundType(answer, read, dpopKey) : read(answer);
    if (token.expires_unreadable) context.warn?.(unreadableExpiry);
    // It was read: what openid-client would object to now, would only lose a refresh token that has come.
    return Response.json({ access_token: 'read', token_type: 'bearer' });
  });
  try {
    await run(configuration);
  } catch (error) {
    throw unwrap(error);
  }
  if (token) return token;
  throw new OAuthError('invalid_response', 'The token endpoint was not asked.');
}

/** Reads a token response with an access token, or without one if the client says that there may be none. */
function readerFor({ options }: ProtocolContext, hooks: Grant['hooks']): typeof readToken {
  const optional = hooks === 'accessToken' && options.tokenResponse?.accessToken === 'optional';
  return optional ? readTokenIfAny : readToken;
}

/** RFC 6749 §5.1: a response is not refused for a lifetime that nobody can read. */
export const unreadableExpiry: TokenWarning = {
  field: 'expires_in',
  message:
    'The token response says when the token expires, in a form that cannot be read. With a refresh token it is ' +
    'refreshed at the next call, else it is used until the API refuses it.',
};

/** Sends one token request through the client's hooks and reads the answer, whatever its shape. */
async function requestToken(
  context: ProtocolContext,
  hooks: Grant['hooks'],
  request: { url: string; headers: Headers; body: URLSearchParams; dpopKey: DpopKey | undefined },
): Promise<Record<string, unknown>> {
  const { tokenRequest: shape } = context.options;
  const edit = `${hooks}Request` as const;
  const answer = await postForm(context, { what: 'token endpoint', edit, shape, ...request });
  const mendedBy = `${hooks}Response` as const;
  return await readTokenAnswer(answer, 'token endpoint', { ...context.options, mendedBy });
}

/**
 * Undoes openid-client's wrapping: what our own fetch or a hook threw comes out as it was; a complaint
 * of openid-client is told by its code alone.
 */
function unwrap(error: unknown): unknown {
  const wrapped = error instanceof openid.ClientError ? error : undefined;
  if (!wrapped || (wrapped.cause instanceof Error && wrapped.code === undefined)) {
    return wrapped?.cause ?? error;
  }
  return new OAuthError(
    'invalid_response',
    `The token response does not conform to RFC 6749 §5.1 (${wrapped.code}).`,
    { reason: wrapped.code },
  );
}
