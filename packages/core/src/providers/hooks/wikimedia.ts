import type { JWTPayload } from 'jose';
import { toBytes } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { TransformResponse } from '../../options/register-options.js';

/**
 * Verifies and parses the signed profile: it must be for this client, from this wiki, and contain
 * this request's nonce.
 */
export async function identify(
  ...[endpoint, text, client]: Parameters<TransformResponse>
): Promise<Record<string, unknown> | undefined> {
  if (endpoint !== 'userinfo') return undefined;
  if (text.startsWith('Error:')) throw wikiError(text);
  if (!text.startsWith('eyJ')) return undefined;
  const payload = await verifyProfile(text.trim(), client);
  const wiki = new URL(client.url ?? '').host;
  const here = payload.iss !== undefined && hostOf(payload.iss) === wiki;
  if (client.nonce !== undefined && payload['nonce'] === client.nonce && here) return payload;
  throw new OAuthError(
    'invalid_userinfo',
    'The profile is for another request or from another wiki. It was discarded. Call userinfo() again.',
  );
}

async function verifyProfile(
  jwt: string,
  { clientId, clientSecret }: Parameters<TransformResponse>[2],
): Promise<JWTPayload> {
  const policy = { algorithms: ['HS256'], audience: clientId ?? '', clockTolerance: 30 };
  const { jwtVerify } = await import('../../platform/jose.js');
  try {
    return (await jwtVerify(jwt, toBytes(clientSecret ?? ''), policy)).payload;
  } catch {
    throw new OAuthError(
      'invalid_userinfo',
      'The profile is not signed with the client secret, not for this client, or expired. Check "clientId", ' +
        '"clientSecret" and the clock of this machine.',
    );
  }
}

function hostOf(issuer: string): string | undefined {
  return URL.canParse(issuer) ? new URL(issuer).host : undefined;
}

/** Error responses have status 200 and a text body. */
function wikiError(text: string): OAuthError {
  return new OAuthError(
    'provider_refused',
    'The wiki returned an error. See error.error_description for its reason.',
    { providerStatus: 200, error_description: text.slice('Error:'.length).trim() },
  );
}
