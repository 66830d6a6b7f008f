import { fromBase64Url, isObject, jsonTokens, tryJson } from '../encoding.js';
import { OAuthError } from '../errors.js';

/**
 * The most characters an id_token may have.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.11
 */
export const maxIdTokenLength = 16_384;

const jwsShape = /^[\w-]+\.[\w-]+\.[\w-]+$/;
const jweShape = /^[\w-]+(?:\.[\w-]*){4}$/;

/**
 * Builds the error of every refused id_token. The message never quotes the token.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export function refusedIdToken(message: string): OAuthError {
  return new OAuthError('invalid_id_token', message, { phase: 'id_token' });
}

/**
 * Checks that a value has the form of a signed JWT in compact serialisation.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-7.1
 */
export function readCompactJws(idToken: unknown): string {
  if (typeof idToken !== 'string' || idToken === '') {
    throw refusedIdToken('The id_token is not a string. Check what the token endpoint answers.');
  }
  if (idToken.length > maxIdTokenLength) {
    throw refusedIdToken(
      `The id_token is longer than ${maxIdTokenLength} characters. Ask the provider for fewer claims.`,
    );
  }
  if (jwsShape.test(idToken)) return idToken;
  throw refusedIdToken(
    jweShape.test(idToken)
      ? 'The id_token is encrypted, and this client has no decryption key. Turn off id_token ' +
          'encryption in the client settings at the provider.'
      : 'The id_token is not a signed JWT: three base64url parts with dots between them, no more.',
  );
}

/** The header members that verification uses. */
export interface JwsHeader {
  readonly alg: string;
  readonly kid?: string;
}

/**
 * Reads and checks the header of a compact JWS. Keys in it (`jwk`, `jku`, `x5c`, `x5u`) are never used.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7515#section-4.1
 * @see https://www.rfc-editor.org/rfc/rfc8725#section-3.1
 */
export function readHeader(jws: string, algorithms: readonly string[]): JwsHeader {
  const bytes = fromBase64Url(jws.slice(0, jws.indexOf('.')));
  const header = readJsonObject(bytes, 'header');
  for (const [name, passes, complaint] of headerChecks(algorithms)) {
    if (!passes(header[name])) throw refusedIdToken(`The id_token's header "${name}" ${complaint}`);
  }
  const { alg, kid } = header as unknown as JwsHeader;
  return kid === undefined ? { alg } : { alg, kid };
}

type HeaderCheck = [name: string, passes: (value: unknown) => boolean, complaint: string];

const isAbsent = (value: unknown): boolean => value === undefined;

function headerChecks(algorithms: readonly string[]): HeaderCheck[] {
  return [
    [
      'alg',
      (alg) => typeof alg === 'string' && algorithms.includes(alg),
      'is not an algorithm this client accepts from the provider. If the client is registered ' +
        'for another one, name it in "idTokenSignedResponseAlg".',
    ],
    [
      'typ',
      (typ) => isAbsent(typ) || (typeof typ === 'string' && typ.toUpperCase() === 'JWT'),
      'says that this is another kind of token. It must be "JWT" or absent.',
    ],
    ['kid', (kid) => isAbsent(kid) || typeof kid === 'string', 'must be a string.'],
    ['crit', isAbsent, 'asks for an extension that this client does not have.'],
    ['b64', isAbsent, 'asks for an extension that this client does not have.'],
    ['cty', isAbsent, 'says that a token is nested in this one, which is not accepted.'],
  ];
}

/**
 * Parses a JSON object out of a token, and refuses one that names a member twice: readers differ on
 * which of the two counts.
 *
 * @see https://www.rfc-editor.org/rfc/rfc7519#section-4
 */
export function readJsonObject(
  bytes: Uint8Array | undefined,
  part: string,
): Record<string, unknown> {
  const text = decodeUtf8(bytes);
  const value = tryJson(text);
  if (!isObject(value)) {
    throw refusedIdToken(`The id_token's ${part} is not a JSON object. Report it to the provider.`);
  }
  const names = topLevelNames(text);
  if (new Set(names).size === names.length) return value;
  throw refusedIdToken(
    `The id_token's ${part} has the same member twice. Report it to the provider.`,
  );
}

function decodeUtf8(bytes: Uint8Array | undefined): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return '';
  }
}

/** Lists the member names of an object's JSON text, which must be valid, in order and with repeats. */
function topLevelNames(json: string): string[] {
  const names: string[] = [];
  let depth = 0;
  let before = '';
  for (const token of jsonTokens(json)) {
    if (token === '{' || token === '[') depth++;
    else if (token === '}' || token === ']') depth--;
    // Parsed, since "\u0069ss" is the same name as "iss".
    else if (depth === 1 && token.trimStart().startsWith(':')) names.push(JSON.parse(before));
    before = token;
  }
  return names;
}
