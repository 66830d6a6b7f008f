import * as openid from 'openid-client';
import { OAuthError } from '../../../model/errors.js';
import type { OAuth2Token, TokenWarning } from '../../../model/types.js';
import { readBoundType } from '../dpop/bound-token.js';
import { requireEndpoint, type ProtocolContext } from '../endpoint/context.js';
import type { DpopKey } from '../dpop/proof.js';
import { postForm } from '../endpoint/form-request.js';
import { configure } from '../endpoint/openid-client.js';
import { normalizeToken, readTokenResponse, readTokenIfAny } from '../endpoint/response.js';

/** A validated callback and the stored data of its authorization request. */
export interface CodeExchange {
  params: URLSearchParams;
  state: string;
  redirectUri: string;
  /** The PKCE code verifier; absent if the provider does not support PKCE. */
  codeVerifier: string | undefined;
  /** Extra parameters of the token request. */
  extra: URLSearchParams;
  /** The DPoP key that the code is bound to. */
  dpopKey?: unknown;
}

/** Exchanges an authorization code for a token (RFC 6749 §4.1.3). */
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
    // openid-client derives the redirect URI from a URL without its query; the provider compares it
    // byte by byte.
    edit: (body) => body.set('redirect_uri', redirectUri),
    run: (configuration) => openid.authorizationCodeGrant(configuration, callback, checks, extra),
  });
}

/** Sends a refresh token request (RFC 6749 §6). */
export async function refreshGrant(
  context: ProtocolContext,
  { refresh_token: refreshToken = '', dpop_key: dpopKey }: OAuth2Token,
  extra: URLSearchParams,
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
    dpopKey,
    read,
    run: (configuration) => openid.refreshTokenGrant(configuration, refreshToken, extra),
  });
}

/** Options of one grant. */
export interface Grant {
  /** The client's compliance hooks for this grant. */
  hooks: 'accessToken' | 'refreshToken';
  edit?: (body: URLSearchParams) => void;
  /** The stored key that the token is bound to. Default: a new key. */
  dpopKey?: unknown;
  /** Reads the response, if its fields differ from RFC 6749 §5.1. */
  read?: typeof normalizeToken;
  run: (configuration: openid.Configuration) => Promise<unknown>;
}

/**
 * Runs one grant of openid-client over the fetch of this library. openid-client would not verify
 * the id_token's signature, so the id_token bypasses it and is returned in the token for
 * `id-token.ts`.
 */
export async function grant(
  context: ProtocolContext,
  { hooks, edit, read = readerFor(context, hooks), run, dpopKey: stored }: Grant,
): Promise<OAuth2Token> {
  requireEndpoint(context, 'token_endpoint', 'accessTokenUrl');
  let token: OAuth2Token | undefined;
  const dpopKey = await context.dpop?.keyFor(stored);
  const configuration = configure(context, async (url, request) => {
    edit?.(request.body);
    const body = await requestToken(context, hooks, { url, dpopKey, ...request });
    token = dpopKey ? readBoundType(body, read, dpopKey) : read(body);
    if (token.expires_unreadable) context.warn?.(unreadableExpiry);
    // Already read: an error of openid-client here would only lose a new refresh token.
    return Response.json({ access_token: 'read', token_type: 'bearer' });
  });
  try {
    await run(configuration);
  } catch (error) {
    throw unwrap(error);
  }
  if (token) return token;
  throw new OAuthError(
    'invalid_response',
    'No request was sent to the token endpoint. Check "accessTokenUrl".',
  );
}

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

/** Sends one token request through the client's hooks and reads the response in any format. */
async function requestToken(
  context: ProtocolContext,
  hooks: Grant['hooks'],
  request: { url: string; headers: Headers; body: URLSearchParams; dpopKey: DpopKey | undefined },
): Promise<Record<string, unknown>> {
  const { tokenRequest: shape } = context.options;
  const edit = `${hooks}Request` as const;
  const response = await postForm(context, { what: 'token endpoint', edit, shape, ...request });
  const mendedBy = `${hooks}Response` as const;
  return await readTokenResponse(response, 'token endpoint', { ...context.options, mendedBy });
}

/**
 * Unwraps an error of openid-client: an error of this library's fetch or of a hook is returned
 * unchanged, an error of openid-client itself is reported only by its code.
 */
function unwrap(error: unknown): unknown {
  const wrapped = error instanceof openid.ClientError ? error : undefined;
  if (!wrapped || (wrapped.cause instanceof Error && wrapped.code === undefined)) {
    return wrapped?.cause ?? error;
  }
  return new OAuthError(
    'invalid_response',
    `The token response does not conform to RFC 6749 §5.1 (${wrapped.code}). Check "accessTokenUrl".`,
    { reason: wrapped.code },
  );
}
