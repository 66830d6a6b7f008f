import { jwtVerify, type JWTPayload } from 'jose';
import { toBytes } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { TransformResponse } from '../../options/register-options.js';

/** Verifies the signed profile, and reads it: it is for this client, of this wiki, and answers this request. */
export async function identify(
  ...[leg, text, client]: Parameters<TransformResponse>
): Promise<Record<string, unknown> | undefined> {
  if (leg !== 'userinfo') return undefined;
  if (text.startsWith('Error:')) throw refused(text);
  if (!text.startsWith('eyJ')) return undefined;
  const payload = await verify(text.trim(), client);
  const wiki = new URL(client.url ?? '').host;
  const here = payload.iss !== undefined && hostOf(payload.iss) === wiki;
  if (client.nonce !== undefined && payload['nonce'] === client.nonce && here) return payload;
  throw new OAuthError(
    'invalid_userinfo',
    'The profile answers another request, or is of another wiki. Nothing of it was used.',
  );
}

async function verify(
  jwt: string,
  { clientId, clientSecret }: Parameters<TransformResponse>[2],
): Promise<JWTPayload> {
  const policy = { algorithms: ['HS256'], audience: clientId ?? '', clockTolerance: 30 };
  try {
    return (await jwtVerify(jwt, toBytes(clientSecret ?? ''), policy)).payload;
  } catch {
    throw new OAuthError(
      'invalid_userinfo',
      'The profile is not signed with the client secret, not for this client, or out of date.',
    );
  }
}

function hostOf(issuer: string): string | undefined {
  return URL.canParse(issuer) ? new URL(issuer).host : undefined;
}

/** Refusals come with status 200, as text. */
function refused(text: string): OAuthError {
  return new OAuthError(
    'provider_refused',
    'The wiki refused the request. Its own words are in error.error_description.',
    { providerStatus: 200, error_description: text.slice('Error:'.length).trim() },
  );
}
