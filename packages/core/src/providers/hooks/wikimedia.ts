import { jwtVerify } from 'jose';
import { toBytes } from '../../encoding.js';
import { OAuthError } from '../../errors.js';
import type { TransformResponse } from '../../option-types.js';

/** Verifies the signed profile, and reads it. */
export async function identify(
  ...[leg, text, client]: Parameters<TransformResponse>
): Promise<Record<string, unknown> | undefined> {
  if (leg !== 'userinfo' || !text.startsWith('eyJ')) return undefined;
  try {
    const policy = { algorithms: ['HS256'], audience: client.clientId ?? '', clockTolerance: 30 };
    return (await jwtVerify(text.trim(), toBytes(client.clientSecret ?? ''), policy)).payload;
  } catch {
    throw new OAuthError('invalid_userinfo', 'The profile is not signed with the client secret.');
  }
}
