import { decodeJwt } from 'jose';
import { OAuthError } from '../errors.js';
import type { OAuth2Token } from '../types.js';

/**
 * Refuses an access token that says it is for another resource, or from another issuer. Only tokens
 * that are readable say so; the others are for the resource to judge.
 *
 * @see https://www.rfc-editor.org/rfc/rfc8707#section-2
 * @see https://www.rfc-editor.org/rfc/rfc9068#section-2.2
 */
export function checkAudience(
  { access_token: accessToken }: OAuth2Token,
  expected: { resource: string; issuer?: string | undefined },
): void {
  const { aud, iss } = readClaims(accessToken);
  const audiences = aud === undefined ? [] : [aud].flat();
  if (aud !== undefined && !audiences.some((one) => covers(one, expected.resource))) {
    throw foreign('for another resource ("aud")');
  }
  if (iss !== undefined && expected.issuer !== undefined && iss !== expected.issuer) {
    throw foreign('from another issuer ("iss")');
  }
}

function readClaims(accessToken: unknown): { aud?: unknown; iss?: unknown } {
  try {
    return typeof accessToken === 'string' ? decodeJwt(accessToken) : {};
  } catch {
    return {};
  }
}

/** The resource itself, or a more general address of the same host. */
function covers(audience: unknown, resource: string): boolean {
  if (typeof audience !== 'string' || !URL.canParse(audience)) return false;
  const [general, exact] = [new URL(audience), new URL(resource)];
  const folder = general.pathname.replace(/\/$/, '');
  const { pathname } = exact;
  return (
    general.origin === exact.origin &&
    general.origin !== 'null' &&
    (pathname === folder || pathname.startsWith(`${folder}/`))
  );
}

function foreign(problem: string): OAuthError {
  return new OAuthError(
    'invalid_token',
    `The access token is ${problem}. It was not used: the resource could pass it on to where it belongs.`,
  );
}
