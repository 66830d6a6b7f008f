import { unverifiedClaims } from '../../../platform/jwt/unverified-claims.js';
import { equalInConstantTime } from '../../../platform/crypto.js';
import { readObject } from '../../../platform/encoding.js';
import type { OAuthErrorCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http, HttpResponse } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { transform, unlessTransformed } from '../../../quirks/hooks.js';
import { isSubject } from '../../../platform/standard-claims.js';
import type { OAuth2Token, ResourceRequest } from '../../../model/types.js';
import { errorFieldsOf } from '../endpoint/error-response.js';
import { errorResponseIn } from '../endpoint/response.js';
import { stepUp } from '../api/step-up.js';

const what = 'userinfo endpoint';

/**
 * Fetches the profile of a token's user, as the provider sends it.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
export async function fetchProfile(
  http: Http,
  request: ResourceRequest,
  reader: ProfileReader = {},
): Promise<Record<string, unknown>> {
  const { quirks = {} } = reader;
  const response = await http.send({ what, ...request });
  const { status } = response;
  const done = status <= 299;
  const transformed =
    done && quirks.transformResponse && (await transform('userinfo', response.text, quirks));
  const verified = done && !transformed && (await openJwt(response, reader));
  return readProfile(response, transformed || verified || undefined, reader);
}

/** The client's profile options. */
type Quirks = Pick<
  RegisterOptions,
  | 'errors'
  | 'transformResponse'
  | 'clientId'
  | 'clientSecret'
  | 'userinfoSignedResponseAlg'
  | 'userinfoEncryptedResponseAlg'
>;

/** How a profile is read. */
export interface ProfileReader {
  quirks?: Quirks | undefined;
  /** Verifies a profile that is a JWT. Rejects a plain one (`undefined`) if a JWT is required. */
  openJwt?: ((jwt: string | undefined) => Promise<Record<string, unknown>>) | undefined;
  /** The access token, to be removed from the provider's text. */
  accessToken?: string | undefined;
  /** The scope of the token, which the next login should request again. */
  granted?: string | undefined;
}

function readProfile(
  response: HttpResponse,
  transformed: Record<string, unknown> | undefined,
  login: ProfileReader,
): Record<string, unknown> {
  const { status } = response;
  const { quirks = {}, accessToken: secret } = login;
  const { errors: rules } = quirks;
  const secrets = secret === undefined ? [] : [secret];
  const reader = {
    what,
    rules,
    endpoint: 'userinfo',
    unauthorized: 'invalid_token',
    secrets,
  } as const;
  if (status > 299) throw userinfoRejected(response, errorResponseIn(response, reader), login);
  const profile = transformed ?? parseProfile(response, quirks);
  // Some providers send errors with status 200.
  const reported =
    profile['sub'] === undefined
      ? errorResponseIn(response, { ...reader, body: profile })
      : undefined;
  if (reported) throw reported;
  return profile;
}

/** Returns the claims of a profile that is, or must be, a JWT (OpenID Connect Core §5.3.2). */
async function openJwt(
  { headers, text }: HttpResponse,
  { quirks = {}, openJwt: open }: ProfileReader,
): Promise<Record<string, unknown> | undefined> {
  const isJwt = /^application\/jwt\b/i.test(headers.get('content-type') ?? '');
  const wanted = quirks.userinfoSignedResponseAlg ?? quirks.userinfoEncryptedResponseAlg;
  if (!isJwt && wanted === undefined) return undefined;
  return await open?.(isJwt ? text.trim() : undefined);
}

function parseProfile(
  { status, text }: HttpResponse,
  { transformResponse }: Quirks,
): Record<string, unknown> {
  const profile = readObject(text);
  if (profile) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    `The userinfo response is not a JSON object${unlessTransformed(transformResponse)}. ` +
      'Check "userinfoEndpoint".',
    { providerStatus: status },
  );
}

/** RFC 6750 §3.1: a 401 concerns the token, and the challenge says what it lacks. */
function userinfoRejected(
  { status, headers }: HttpResponse,
  reported: OAuthError | undefined,
  { granted }: ProfileReader,
): OAuthError {
  if (reported?.code === 'provider_unavailable') return reported;
  const { error, error_description, error_uri, retryAfter } = reported ?? {};
  const needed = stepUp({ status, headers }, { scope: granted });
  const said = reported?.code ?? 'provider_refused';
  const code = needed?.code ?? (status === 401 ? 'invalid_token' : said);
  return new OAuthError(
    code,
    `The userinfo endpoint rejected the token (HTTP ${status}). ` +
      `${rejectionAdvice(code, status)}${errorFieldsOf({ error, error_description })}`,
    {
      error,
      error_description,
      error_uri,
      providerStatus: status,
      retryAfter,
      params: needed?.params,
    },
  );
}

function rejectionAdvice(code: OAuthErrorCode, status: number): string {
  if (code === 'invalid_token') return 'It may have expired or been revoked: log in again. ';
  const narrow = status === 403 || code === 'insufficient_scope';
  return narrow ? 'It may lack a scope: request it. ' : '';
}

/**
 * Rejects a profile of another user than the login's id_token.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfoResponse
 */
export function checkSubject(
  profile: Record<string, unknown>,
  token: OAuth2Token,
): string | undefined {
  const expected = expectedSubject(token);
  if (expected === undefined) return undefined;
  const { sub } = profile;
  if (isSubject(sub) && equalInConstantTime(sub, expected)) return expected;
  throw new OAuthError(
    'invalid_userinfo',
    'The "sub" of the userinfo is missing or differs from that of the id_token (OpenID ' +
      'Connect Core §5.3.2). The userinfo was discarded.',
  );
}

/** Returns the subject of the login's id_token, which was verified when the token arrived. */
function expectedSubject({ id_token: idToken, userinfo }: OAuth2Token): string | undefined {
  if (typeof userinfo?.['iss'] === 'string') return userinfo.sub ?? '';
  return idToken ? idTokenSubject(idToken) : undefined;
}

/** Reads the `sub` of a stored id_token. */
function idTokenSubject(idToken: string): string {
  const sub = unverifiedClaims(idToken)?.['sub'];
  if (typeof sub === 'string') return sub;
  throw new OAuthError(
    'invalid_token',
    'The token\'s "id_token" has no readable "sub" to compare the userinfo with. Pass the ' +
      'token that authorizeAccessToken() returned.',
  );
}
