import {
  fromBase64Url,
  isObject,
  jsonTokens,
  parseJson,
  tryJson,
  withoutNulls,
} from '../encoding.js';
import type { OAuthErrorCode, Phase } from '../../model/error-codes.js';
import { OAuthError } from '../../model/errors.js';

/** The remedy for a JWT that only its issuer can correct. */
export const reportIt = 'Report it to the provider.';

/** The name of a JWT and the error code, for error messages. */
export interface JwtSubject {
  /** `id_token`, `logout token`. */
  readonly what: string;
  readonly code: OAuthErrorCode;
}

/** Rules for the format and the header of a JWT. */
export interface JwtForm extends JwtSubject {
  /** Maximum length in characters (RFC 8725 §3.11). */
  readonly maxBytes: number;
  /** The accepted values of `typ`, in lower case; `undefined` if it may be absent. */
  readonly types: readonly (string | undefined)[];
  /** The accepted signature algorithms. */
  readonly algorithms: readonly string[];
}

/** The part of a JWT that was rejected; the `reason` of the error. */
export type JwtPart = 'form' | 'header' | 'algorithm' | 'key' | 'signature' | 'claim';

const jwsShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const jweShape = /^[\w-]+(?:\.[\w-]*){4}$/;

/** Whether a value has the format of an encrypted JWT (RFC 7516 §7.1). */
export function isEncrypted(value: unknown): value is string {
  return typeof value === 'string' && jweShape.test(value);
}

/**
 * Creates the error for a rejected JWT. The message names the rejected part and never quotes the
 * token.
 */
export function refusedJwt({ what, code }: JwtSubject, part: JwtPart, problem: string): OAuthError {
  return new OAuthError(code, `The ${what}${problem}`, { phase: phaseOf(code), reason: part });
}

function phaseOf(code: OAuthErrorCode): Phase | undefined {
  return code === 'invalid_id_token' ? 'id_token' : undefined;
}

/** Creates the error for a JWT with an invalid format. */
export function refusedForm(subject: JwtSubject, problem: string): OAuthError {
  return refusedJwt(subject, 'form', ` is malformed: ${problem}`);
}

/** Creates the error for a JWT with a rejected claim. */
export function refusedClaim(subject: JwtSubject, claim: string, problem: string): OAuthError {
  const { what, code } = subject;
  const claimed = `A claim of the ${what} was rejected: the ${what}'s "${claim}" ${problem}`;
  return new OAuthError(code, claimed, { phase: phaseOf(code), reason: 'claim' });
}

/**
 * Validates the compact serialization of a signed JWT.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function readCompactJws(jwt: unknown, form: JwtForm): string {
  if (typeof jwt !== 'string' || jwt === '') {
    throw refusedForm(form, 'it is not a string. Check the endpoint that returned it.');
  }
  checkLength(jwt, form);
  if (jwsShape.test(jwt)) return jwt;
  throw refusedForm(
    form,
    isEncrypted(jwt)
      ? 'it is encrypted, and this client has no decryption key for it. Set "decryptionKeys", ' +
          'or turn off its encryption in the client settings at the provider.'
      : 'it is not a signed JWT, which has three base64url parts separated by dots. Check the endpoint ' +
          'that returned it.',
  );
}

/** Rejects a JWT longer than the limit. */
export function checkLength(jwt: string, form: JwtSubject & { maxBytes: number }): void {
  if (jwt.length <= form.maxBytes) return;
  throw refusedForm(
    form,
    `it is longer than ${form.maxBytes} bytes. Ask the provider for fewer claims, or raise ` +
      '"limits.jwtBytes" of the registry.',
  );
}

/** The header members that verification uses. */
export interface JwsHeader {
  readonly alg: string;
  readonly kid?: string;
}

/**
 * Reads and validates the header of a compact JWS. Keys in it (`jwk`, `jku`, `x5c`, `x5u`) are
 * never used.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export function readHeader(jws: string, form: JwtForm): JwsHeader {
  const bytes = fromBase64Url(jws.slice(0, jws.indexOf('.')));
  const given = readJsonObject(bytes, 'header', form);
  const extension = ['crit', 'b64'].find((name) => Object.hasOwn(given, name));
  if (extension !== undefined) {
    throw refusedHeader(
      form,
      extension,
      `requires an extension that this client does not support. ${reportIt}`,
    );
  }
  const { alg, kid, typ, cty } = withoutNulls(given);
  if (typeof alg !== 'string' || !form.algorithms.includes(alg)) throw refusedAlgorithm(form);
  const type = typeof typ === 'string' ? typ.toLowerCase().replace(/^application\//, '') : typ;
  if (!form.types.some((one) => one === type)) {
    const kinds = form.types.map((one) => (one === undefined ? 'absent' : `"${one}"`)).join(' or ');
    const problem = `has an unexpected value. It must be ${kinds} (RFC 8725 §3.11).`;
    throw refusedHeader(form, 'typ', problem);
  }
  if (cty !== undefined) {
    throw refusedHeader(
      form,
      'cty',
      `announces a nested token, which is not supported. ${reportIt}`,
    );
  }
  if (kid === undefined) return { alg };
  if (typeof kid === 'string') return { alg, kid };
  throw refusedHeader(form, 'kid', `must be a string. ${reportIt}`);
}

function refusedHeader(form: JwtForm, name: string, problem: string): OAuthError {
  return refusedJwt(form, 'header', `'s header "${name}" ${problem}`);
}

function refusedAlgorithm(form: JwtForm): OAuthError {
  const { code, algorithms } = form;
  const option = code === 'invalid_id_token' || code === 'invalid_logout_token';
  return refusedJwt(
    form,
    'algorithm',
    '\'s header "alg" is not an algorithm this client accepts from the provider: it accepts ' +
      `${algorithms.join(', ') || 'none that the provider lists'}.${
        option
          ? ' If the client is registered for another one, set "idTokenSignedResponseAlg".'
          : ''
      }`,
  );
}

/**
 * Parses a JSON object of a JWT. A repeated header member is rejected (RFC 7515 §4). A repeated
 * payload member is accepted only with equal values, because parsers differ on which one counts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4
 */
export function readJsonObject(
  bytes: Uint8Array | undefined,
  part: 'header' | 'payload',
  subject: JwtSubject,
): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  const value = tryJson(text);
  if (!isObject(value)) {
    const problem = `'s ${part} is not a JSON object. ${reportIt}`;
    throw refusedJwt(subject, part === 'header' ? 'header' : 'form', problem);
  }
  const repeated = hasDuplicates(text, value) ? conflicting(text, part === 'header') : undefined;
  if (repeated === undefined) return value;
  const named = known.has(repeated) ? `"${repeated}"` : 'an unregistered claim';
  throw refusedJwt(
    subject,
    part === 'header' ? 'header' : 'claim',
    part === 'header'
      ? `'s header has a duplicate member: ${named}. Report it to the provider.`
      : `'s payload has a duplicate member with different values: ${named}. Report it to the ` +
          'provider.',
  );
}

/** Names that a message may show, because they do not come from the token. */
const known: ReadonlySet<string> = new Set(
  (
    'alg kid typ cty crit b64 enc zip iss sub aud exp nbf iat jti azp nonce auth_time acr amr at_hash ' +
    'c_hash s_hash sid events state code error error_description error_uri access_token token_type ' +
    'expires_in scope id_token token_introspection name given_name family_name middle_name nickname ' +
    'preferred_username profile picture website email email_verified gender birthdate zoneinfo locale ' +
    'phone_number phone_number_verified address updated_at groups roles tid oid _claim_names _claim_sources'
  ).split(' '),
);

const utf8 = /* @__PURE__ */ new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function decodeUtf8(bytes: Uint8Array | undefined): string {
  try {
    return utf8.decode(bytes);
  } catch {
    return '';
  }
}

/** Whether an object of a JSON text may have duplicate members: the text has more names than the parsed value. */
function hasDuplicates(json: string, value: unknown): boolean {
  return (json.match(/"\s*:/g)?.length ?? 0) !== countMembers(value);
}

/** Counts the members of an object and of the objects inside. */
function countMembers(value: unknown): number {
  if (!isObject(value)) return 0;
  const values = Object.values(value);
  const own = Array.isArray(value) ? 0 : values.length;
  return values.reduce<number>((sum, member) => sum + countMembers(member), own);
}

/** Returns the first duplicate member: with any value, or with different values. */
function conflicting(json: string, anyValue: boolean): string | undefined {
  const seen = new Map<string, string>();
  for (const [name, value] of topLevelMembers(json)) {
    const before = seen.get(name);
    if (before === undefined) seen.set(name, value);
    else if (anyValue || !isEqualJson(before, value)) return name;
  }
  return undefined;
}

/** Lists the members of a valid JSON object in order, with duplicates. */
function topLevelMembers(json: string): [name: string, value: string][] {
  const members: [name: string, value: string][] = [];
  let depth = 0;
  let name: string | undefined;
  let start = 0;
  let end = 0;
  let before = '';
  for (const token of jsonTokens(json)) {
    const [colon, comma] = depth === 1 ? [token.indexOf(':'), token.indexOf(',')] : [-1, -1];
    const isText = token.startsWith('"');
    if (!isText && name === undefined && colon !== -1) {
      // Parsed, because "\u0069ss" is the same name as "iss".
      name = String(JSON.parse(before));
      start = end + colon + 1;
    }
    const ends = !isText && (comma !== -1 || (depth === 1 && token === '}'));
    if (ends && name !== undefined) {
      members.push([name, json.slice(start, end + Math.max(comma, 0))]);
      name = undefined;
    }
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    before = token;
    end += token.length;
  }
  return members;
}

/** Values nested too deep to compare are not equal. */
function isEqualJson(a: string, b: string): boolean {
  try {
    return a.trim() === b.trim() || canonical(parseJson(a)) === canonical(parseJson(b));
  } catch {
    return false;
  }
}

/** Returns the same text for equal values, whatever the order of their members. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member)
      ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1)))
      : member,
  );
}
