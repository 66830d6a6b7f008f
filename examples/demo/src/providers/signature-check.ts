import { timingSafeEqual } from 'node:crypto';
import { createRequire } from 'node:module';
import type { Request } from 'express';
import type { ProviderOptions } from './shared.js';

/** `oauth-signature`, an implementation of RFC 5849 §3.4 by others; it comes without types. */
interface OAuthSignature {
  generate(
    method: string,
    url: string,
    params: Record<string, string | string[]>,
    clientSecret: string,
    tokenSecret: string,
    options: { encodeSignature: boolean },
  ): string;
}

const oauthSignature = createRequire(import.meta.url)('oauth-signature') as OAuthSignature;

/** Why a request is refused, in the words of the OAuth Problem Reporting extension. */
export class OAuthProblem extends Error {}

/** Checks a signed request and returns its OAuth parameters, or throws an {@link OAuthProblem}. */
export type SignatureCheck = (
  request: Request,
  secretOf: (token: string) => string | undefined,
) => Record<string, string>;

const maxAge = 300;

/** Creates the check of RFC 5849 §3.2 for one client: client, timestamp, signature, then nonce. */
export function createSignatureCheck(client: ProviderOptions): SignatureCheck {
  const seen = new Map<string, number>();
  return (request, secretOf) => {
    const sent = readHeader(request);
    if (sent['oauth_consumer_key'] !== client.clientId)
      throw new OAuthProblem('consumer_key_unknown');
    const tokenSecret = secretOf(sent['oauth_token'] ?? '');
    if (tokenSecret === undefined) throw new OAuthProblem('token_rejected');
    checkTimestamp(sent);
    const expected = sign(request, sent, { ...client, tokenSecret });
    if (!isSame(sent['oauth_signature'] ?? '', expected))
      throw new OAuthProblem('signature_invalid');
    spendNonce(seen, sent);
    return sent;
  };
}

/** Reads the protocol parameters of the Authorization header (RFC 5849 §3.5.1). */
function readHeader(request: Request): Record<string, string> {
  const header = request.get('authorization') ?? '';
  if (!/^OAuth /i.test(header)) throw new OAuthProblem('parameter_absent');
  const pairs = [...header.matchAll(/([A-Za-z_]+)="([^"]*)"/g)];
  return Object.fromEntries(
    pairs
      .filter(([, name]) => name !== 'realm')
      .map(([, name, value]) => [name, decode(value ?? '')]),
  );
}

function decode(value: string): string {
  try {
    return decodeURIComponent(value);
  } catch {
    throw new OAuthProblem('parameter_rejected');
  }
}

function checkTimestamp(sent: Record<string, string>): void {
  const age = Math.abs(Date.now() / 1000 - Number(sent['oauth_timestamp']));
  if (!(age <= maxAge)) throw new OAuthProblem('timestamp_refused');
}

function sign(
  request: Request,
  sent: Record<string, string>,
  secrets: { origin: string; clientSecret: string; tokenSecret: string },
): string {
  if (sent['oauth_signature_method'] !== 'HMAC-SHA1') {
    throw new OAuthProblem('signature_method_rejected');
  }
  const url = new URL(request.originalUrl, secrets.origin);
  const { oauth_signature: _signature, ...signed } = sent;
  const params: Record<string, string | string[]> = signed;
  const body = new URLSearchParams(typeof request.body === 'string' ? request.body : '');
  for (const name of new Set([...url.searchParams.keys(), ...body.keys()])) {
    params[name] = [...url.searchParams.getAll(name), ...body.getAll(name)];
  }
  return oauthSignature.generate(
    request.method,
    url.origin + url.pathname,
    params,
    secrets.clientSecret,
    secrets.tokenSecret,
    { encodeSignature: false },
  );
}

function isSame(one: string, other: string): boolean {
  const [a, b] = [Buffer.from(one), Buffer.from(other)];
  return a.length === b.length && timingSafeEqual(a, b);
}

/** Refuses a request that was sent before (RFC 5849 §3.3). */
function spendNonce(seen: Map<string, number>, sent: Record<string, string>): void {
  const now = Date.now() / 1000;
  for (const [old, time] of seen) if (now - time > maxAge) seen.delete(old);
  const name = [sent['oauth_token'], sent['oauth_timestamp'], sent['oauth_nonce']].join(' ');
  if (sent['oauth_nonce'] === undefined || seen.has(name)) throw new OAuthProblem('nonce_used');
  seen.set(name, Number(sent['oauth_timestamp']));
}
