import { createHash } from 'node:crypto';
import { json, oauthError, type ProviderResponse } from './response.js';
import { refuseClient } from './client-auth.js';
import { checkProof } from './dpop.js';
import { makeIdToken } from './id-token.js';
import { isForm, repeatedName, type ProviderRequest } from './log.js';
import { tokenQuirks, type TokenBody } from './token-quirks.js';
import { now, randomToken, type Grant, type IssuedToken, type World } from './world.js';

/** Seconds for which a refresh token is valid. */
const refreshLifetime = 30 * 24 * 3600;

/** An error response, or what the tokens are issued for. */
type Outcome = ProviderResponse | { issue: Issue };

/** The tokens to issue; `refreshScope` is the scope of the refresh token, if it is another one. */
type Issue = Pick<IssuedToken, 'scope' | 'sub' | 'family' | 'grant' | 'jkt'> & {
  refreshScope?: string;
};

/** Handles the token endpoint (RFC 6749 §3.2). */
export async function token(world: World, request: ProviderRequest): Promise<ProviderResponse> {
  const rejection = refuseForm(request) ?? (await refuseClient(world, request));
  if (rejection) return rejection;
  const jkt = await readBinding(world, request);
  if (jkt !== undefined && typeof jkt !== 'string') return jkt;
  const outcome = redeem(world, request.form, jkt);
  if (!('issue' in outcome)) return outcome;
  return respondWith(world, await issueTokens(world, request.form, { ...outcome.issue, jkt }));
}

/** RFC 9449 §5: the key that the tokens will be bound to; a provider that knows no DPoP ignores proofs. */
async function readBinding(
  world: World,
  request: ProviderRequest,
): Promise<string | ProviderResponse | undefined> {
  if (!world.settings.dpop) return undefined;
  return await checkProof(world, request);
}

/** Rejects a body that is not a well-formed form. */
export function refuseForm(request: ProviderRequest): ProviderResponse | undefined {
  if (request.method !== 'POST') return oauthError('invalid_request', 'Use POST.', 405);
  if (!isForm(request.headers))
    return oauthError('invalid_request', 'The Content-Type is not a form.');
  const repeated = repeatedName(request.form);
  if (repeated !== undefined) return oauthError('invalid_request', 'A parameter is repeated.');
  return undefined;
}

function redeem(world: World, form: URLSearchParams, jkt: string | undefined): Outcome {
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return redeemCode(world, form, jkt);
    case 'refresh_token':
      return redeemRefreshToken(world, form, jkt);
    case 'urn:openid:params:grant-type:ciba':
      return redeemBackchannel(world, form);
    case 'client_credentials':
      return { issue: { scope: form.get('scope') ?? '', sub: '', family: '', grant: undefined } };
    default:
      return oauthError('unsupported_grant_type', 'Unknown grant_type.');
  }
}

/** A code is valid once; a second use revokes the tokens of the first (RFC 6749 §4.1.2). */
function redeemCode(world: World, form: URLSearchParams, jkt: string | undefined): Outcome {
  const code = form.get('code') ?? '';
  const grant = world.codes.get(code);
  if (!grant) return oauthError('invalid_grant', 'Unknown code.');
  if (grant.redeemed && !world.quirks.codesReusable) {
    revokeFamily(world, code);
    return oauthError('invalid_grant', 'The code is spent.');
  }
  grant.redeemed = true;
  const problem =
    // RFC 9449 §10.
    world.settings.dpop && grant.dpopJkt !== undefined && grant.dpopJkt !== jkt
      ? 'The proof is not of the key of the authorization request.'
      : findGrantProblem(grant, form);
  if (problem !== undefined) return oauthError('invalid_grant', problem);
  const sub = String(world.settings.user['sub'] ?? '');
  return { issue: { scope: grant.scope, sub, family: code, grant } };
}

/** CIBA Core §10.1, §10.1.1: the user has agreed by then. */
function redeemBackchannel(world: World, form: URLSearchParams): Outcome {
  const id = form.get('auth_req_id') ?? '';
  const grant = world.codes.get(id);
  world.codes.delete(id);
  if (!grant || grant.expiresAt < now()) return oauthError('invalid_grant', 'Unknown auth_req_id.');
  const sub = String(world.settings.user['sub'] ?? '');
  return { issue: { scope: grant.scope, sub, family: id, grant } };
}

function findGrantProblem(grant: Grant, form: URLSearchParams): string | undefined {
  if (grant.expiresAt < now()) return 'The code has expired.';
  if (form.get('redirect_uri') !== grant.redirectUri)
    return 'The redirect_uri is not the one of the authorization request.';
  const verifier = form.get('code_verifier');
  if (grant.codeChallenge === undefined)
    return verifier === null ? undefined : 'A code_verifier, and no code_challenge before.';
  if (verifier === null) return 'No code_verifier.';
  if (!/^[\w.~-]{43,128}$/.test(verifier)) return 'The code_verifier is malformed.';
  const challenge = createHash('sha256').update(verifier).digest('base64url');
  return challenge === grant.codeChallenge ? undefined : 'The code_verifier does not match.';
}

/** A refresh token that is used again revokes its whole family (RFC 9700 §4.14.2). */
function redeemRefreshToken(world: World, form: URLSearchParams, jkt: string | undefined): Outcome {
  const value = form.get('refresh_token') ?? '';
  const issued = world.refreshTokens.get(value);
  const spentFamily = world.spentRefreshTokens.get(value);
  if (spentFamily !== undefined) revokeFamily(world, spentFamily);
  if (!issued || issued.expiresAt < now())
    return oauthError('invalid_grant', 'Unknown refresh token.');
  if (issued.jkt !== undefined && issued.jkt !== jkt)
    return oauthError('invalid_dpop_proof', 'Another key than that of the refresh token.');
  const scope = form.get('scope') ?? issued.scope;
  const granted = issued.scope.split(' ');
  if (scope !== '' && !scope.split(' ').every((name) => granted.includes(name)))
    return oauthError('invalid_scope', 'More scope than was granted.');
  if (world.settings.rotateRefreshTokens) {
    world.refreshTokens.delete(value);
    world.spentRefreshTokens.set(value, issued.family);
  }
  return { issue: { ...issued, scope, refreshScope: issued.scope } };
}

/** Revokes every token of one login. */
export function revokeFamily(world: World, family: string): void {
  for (const tokens of [world.accessTokens, world.refreshTokens]) {
    for (const [value, issued] of tokens) if (issued.family === family) tokens.delete(value);
  }
}

async function issueTokens(
  world: World,
  form: URLSearchParams,
  { refreshScope, ...issue }: Issue,
): Promise<TokenBody> {
  const { expiresIn, refreshTokens, rotateRefreshTokens } = world.settings;
  const accessToken = randomToken('at');
  world.accessTokens.set(accessToken, { ...issue, expiresAt: now() + expiresIn });
  const body: TokenBody = { access_token: accessToken, token_type: issue.jkt ? 'DPoP' : 'Bearer' };
  if (expiresIn > 0) body['expires_in'] = expiresIn;
  if (issue.scope !== '') body['scope'] = issue.scope;
  const refreshing = form.get('grant_type') === 'refresh_token';
  const grantType = refreshing ? 'refresh_token' : 'authorization_code';
  if (issue.grant && refreshTokens && (rotateRefreshTokens || !refreshing)) {
    const refreshToken = randomToken('rt');
    // RFC 6749 §6: the scope of a refresh token remains.
    const scope = refreshScope ?? issue.scope;
    world.refreshTokens.set(refreshToken, { ...issue, scope, expiresAt: now() + refreshLifetime });
    body['refresh_token'] = refreshToken;
  }
  const idToken = await makeIdToken(world, { issue, accessToken, grantType });
  if (idToken !== undefined) body['id_token'] = idToken;
  return body;
}

function respondWith(world: World, body: TokenBody): ProviderResponse {
  const quirk = world.quirks.tokenResponse;
  const make: (body: TokenBody) => ProviderResponse =
    quirk === undefined ? json : typeof quirk === 'function' ? quirk : tokenQuirks[quirk];
  const response = make(body);
  return { ...response, headers: { 'cache-control': 'no-store', ...response.headers } };
}
