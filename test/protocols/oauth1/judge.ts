import { createHmac, verify } from 'node:crypto';
import { createRequire } from 'node:module';
import type { ProviderResponse } from '../../support/provider/response.js';
import { readOAuth1Params, valueOf } from '../../support/provider/oauth1-signature.js';
import type { FakeProvider, ProviderRequest } from '../../support/provider/index.js';

/** Another implementation: it writes the base string and encodes the keys. */
const oauthSign = createRequire(import.meta.url)('oauth-sign') as {
  generateBase(method: string, url: string, params: Record<string, string[]>): string;
  plaintext(clientSecret: string, tokenSecret: string): string;
};

const endpoints = ['oauth1_request', 'oauth1_access', 'oauth1_api'] as const;

/**
 * Lets another implementation judge every signed request before the provider does. The requests it
 * found right are returned, as they arrive.
 */
export function judge(provider: FakeProvider): ProviderRequest[] {
  const right: ProviderRequest[] = [];
  const check = (request: ProviderRequest): ProviderResponse | undefined => {
    if (!isRight(provider, request)) return { status: 403, body: 'The judge says no.' };
    right.push(request);
    return undefined;
  };
  for (const endpoint of endpoints) provider.on(endpoint, check);
  return right;
}

/** Every parameter of a request, wherever it stands, but the signature. */
export function signedParams(request: ProviderRequest): Record<string, string[]> {
  const inHeader = request.headers['authorization']?.startsWith('OAuth ')
    ? (readOAuth1Params(request)?.entries ?? [])
    : [];
  const all: Record<string, string[]> = {};
  for (const [name, value] of [...request.params, ...inHeader]) (all[name] ??= []).push(value);
  delete all['oauth_signature'];
  return all;
}

/** A protocol parameter of a request, wherever it stands. */
export function param(request: ProviderRequest, name: string): string | undefined {
  return signedParams(request)[name]?.join();
}

function isRight(provider: FakeProvider, request: ProviderRequest): boolean {
  const params = readOAuth1Params(request);
  if (!params) return false;
  const given = valueOf(params, 'oauth_signature') ?? '';
  const method = valueOf(params, 'oauth_signature_method') ?? '';
  const token = valueOf(params, 'oauth_token') ?? '';
  const issued = provider.requestTokens.get(token) ?? provider.tokenCredentials.get(token);
  const key = oauthSign.plaintext(provider.settings.clientSecret, issued?.secret ?? '');
  if (method === 'PLAINTEXT') return given === key;
  const url = provider.origin + request.path;
  const text = oauthSign.generateBase(request.method, url, signedParams(request));
  const hash = method.replace(/^.*-/, '').toLowerCase();
  return method.startsWith('RSA-')
    ? verify(hash, Buffer.from(text), publicKeyOf(provider), Buffer.from(given, 'base64'))
    : given === createHmac(hash, key).update(text).digest('base64');
}

function publicKeyOf({ settings }: FakeProvider): string {
  if (settings.oauth1PublicKey === undefined) throw new Error('The provider has no public key.');
  return settings.oauth1PublicKey;
}
