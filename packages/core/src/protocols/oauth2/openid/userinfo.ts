import { decodeJwt } from 'jose';
import { equalInConstantTime } from '../../../platform/crypto.js';
import { readObject } from '../../../platform/encoding.js';
import type { OAuthErrorCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http, HttpAnswer } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { transform, unlessTransformed } from '../../../quirks/hooks.js';
import { isSubject } from '../../../options/subject.js';
import type { OAuth2Token, ResourceRequest } from '../../../model/types.js';
import { refusalIn, whereWordsAre } from '../endpoint/error-response.js';
import { stepUp } from '../api/step-up.js';

const what = 'userinfo endpoint';

/**
 * Fetches the profile of a token's owner as the provider sends it.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#UserInfo
 */
export async function fetchProfile(
  http: Http,
  request: ResourceRequest,
  quirks: Quirks = {},
): Promise<Record<string, unknown>> {
  const answer = await http.exchange({ what, ...request });
  const { status } = answer;
  const done = status >= 200 && status <= 299;
  const transformed = done && (await transform('userinfo', answer.text, quirks));
  const verified = done && !transformed && (await openJwt(answer, quirks));
  return readProfile(answer, transformed || verified || undefined, quirks);
}

/** The client's own ways with profiles. */
interface Quirks extends Pick<
  RegisterOptions,
  'errors' | 'transformResponse' | 'clientId' | 'clientSecret'
> {
  /** Verifies a profile that is a JWT, and refuses one that is none (`undefined`) where it must be. */
  openJwt?: ((jwt: string | undefined) => Promise<Record<string, unknown>>) | undefined;
  /** The token, which must not come back in the provider's words. */
  accessToken?: string | undefined;
  /** The scope of the token, which the next login would ask for again. */
  granted?: string | undefined;
  userinfoSignedResponseAlg?: string | undefined;
  userinfoEncryptedResponseAlg?: string | undefined;
}

function readProfile(
  answer: HttpAnswer,
  transformed: Record<string, unknown> | undefined,
  quirks: Quirks,
): Record<string, unknown> {
  const { status } = answer;
  const { errors: rules, accessToken: secret } = quirks;
  const secrets = secret === undefined ? [] : [secret];
  const reader = { what, rules, leg: 'userinfo', unauthorized: 'invalid_token', secrets } as const;
  if (status < 200 || status > 299) throw refused(answer, refusalIn(answer, reader), quirks);
  const profile = transformed ?? parseProfile(answer, quirks);
  // Some providers answer 200 to everything and say in the body that it went wrong.
  const refusal =
    profile['sub'] === undefined ? refusalIn(answer, { ...reader, body: profile }) : undefined;
  if (refusal) throw refusal;
  return profile;
}

/** The claims of a profile that is a JWT, or has to be one (OpenID Connect Core §5.3.2). */
async function openJwt(
  { headers, text }: HttpAnswer,
  quirks: Quirks,
): Promise<Record<string, unknown> | undefined> {
  const isJwt = /^application\/jwt\b/i.test(headers.get('content-type') ?? '');
  const wanted = quirks.userinfoSignedResponseAlg ?? quirks.userinfoEncryptedResponseAlg;
  if (!isJwt && wanted === undefined) return undefined;
  return await quirks.openJwt?.(isJwt ? text.trim() : undefined);
}

function parseProfile(
  { status, text }: HttpAnswer,
  { transformResponse }: Quirks,
): Record<string, unknown> {
  const profile = readObject(text);
  if (profile) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    `The userinfo endpoint did not answer with a JSON object${unlessTransformed(transformResponse)}. Check ` +
      '"userinfoEndpoint".',
    { providerStatus: status },
  );
}

/** RFC 6750 §3.1: a 401 is about the token, and what the token lacks is said by the challenge. */
function refused(
  { status, headers }: HttpAnswer,
  refusal: OAuthError | undefined,
  { granted }: Quirks,
): OAuthError {
  if (refusal?.code === 'provider_unavailable') return refusal;
  const { error, error_description, error_uri, retryAfter } = refusal ?? {};
  const needed = stepUp({ status, headers }, { scope: granted });
  const said = refusal?.code ?? 'provider_refused';
  const code = needed?.code ?? (status === 401 ? 'invalid_token' : said);
  return new OAuthError(
    code,
    `The userinfo endpoint refused the token (HTTP ${status}). ${adviceFor(code, status)}` +
      whereWordsAre({ error, error_description }),
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

function adviceFor(code: OAuthErrorCode, status: number): string {
  if (code === 'invalid_token') return 'It may have expired or been revoked: log in again. ';
  const narrow = status === 403 || code === 'insufficient_scope';
  return narrow ? 'It may lack a scope: ask for more. ' : '';
}

/**
 * Refuses a profile that is about someone else than the login's id_token.
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
    'The "sub" of the userinfo is missing or not the one of the id_token; nothing of it was used ' +
      '(OpenID Connect Core §5.3.2).',
  );
}

/** The subject of the login's id_token, which was verified when the token arrived. */
function expectedSubject({ id_token: idToken, userinfo }: OAuth2Token): string | undefined {
  if (typeof userinfo?.['iss'] === 'string') return userinfo.sub ?? '';
  return idToken ? subjectOf(idToken) : undefined;
}

/** Reads the `sub` of a stored id_token. */
function subjectOf(idToken: string): string {
  try {
    const { sub } = decodeJwt(idToken);
    if (typeof sub === 'string') return sub;
  } catch {
    // Falls through to the same error as an id_token without a subject.
  }
  throw new OAuthError(
    'invalid_token',
    'The token\'s "id_token" has no readable "sub" to compare the userinfo with. Pass the token as ' +
      'authorizeAccessToken() returned it.',
  );
}
