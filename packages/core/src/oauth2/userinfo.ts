import { decodeJwt } from 'jose';
import { equalInConstantTime } from '../crypto.js';
import { readObject } from '../encoding.js';
import { refusalCode, type OAuthErrorCode } from '../error-codes.js';
import { OAuthError } from '../errors.js';
import { retryAfter, type Http, type HttpAnswer } from '../http.js';
import type { RegisterOptions } from '../option-types.js';
import { habitualWords } from '../quirks/refusals.js';
import { isSubject } from '../quirks/subject.js';
import type { OAuth2Token, ResourceRequest } from '../types.js';
import { challengeParam } from './challenge.js';
import { stepUp } from './step-up.js';
import {
  parseBody,
  readRefusal,
  refused as refusedByBody,
  unavailable,
  whereWordsAre,
} from './token-response.js';

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
  const transformed = done && (await quirks.transformResponse?.('userinfo', answer.text, quirks));
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
  if (status >= 500 || status === 429) throw unavailable(answer, what);
  if (status < 200 || status > 299) throw refused(answer, quirks);
  const profile = transformed ?? parseProfile(answer);
  // Some providers answer 200 to everything and say in the body that it went wrong.
  const refusal =
    profile['sub'] === undefined ? readRefusal(profile, quirks.errors, 'userinfo') : undefined;
  if (refusal) throw refusedByBody(refusal, answer, what);
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

function parseProfile({ status, text }: HttpAnswer): Record<string, unknown> {
  const profile = readObject(text);
  if (profile) return profile;
  throw new OAuthError(
    'invalid_userinfo',
    'The userinfo endpoint did not answer with a JSON object. Check "userinfoEndpoint".',
    { providerStatus: status },
  );
}

/** RFC 6750 §3: the reason stands in a header, or by habit in the body; its words stay out of the message. */
function refused({ status, headers, text }: HttpAnswer, quirks: Quirks): OAuthError {
  const body = parseBody(text);
  const said = body && readRefusal(body, quirks.errors, 'userinfo');
  const { code: ruled, ...words } = { ...habitualWords({ headers, text }, body), ...said };
  const challenge = /\berror="?([\w-]+)/.exec(headers.get('www-authenticate') ?? '')?.[1];
  const error = challenge ?? words.error;
  const needed = stepUp({ status, headers }, { scope: quirks.granted });
  const code = needed?.code ?? (status === 401 ? 'invalid_token' : refusalCode(ruled ?? error));
  return new OAuthError(
    code,
    `The userinfo endpoint refused the token (HTTP ${status}). ${adviceFor(code, status)}` +
      whereWordsAre({ ...words, error }),
    {
      ...words,
      error_description: words.error_description ?? challengeParam(headers, 'error_description'),
      providerStatus: status,
      retryAfter: retryAfter(headers),
      error,
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
  return idToken === undefined ? undefined : subjectOf(idToken);
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
