import {
  encodedBaseString,
  encodePair,
  type Pair,
} from '../../packages/core/src/protocols/oauth1/signing/base-string.js';

/** A request to sign, with its decoded parameters. The query of `url` is ignored. */
export interface RequestParts {
  method: string;
  url: string;
  params: readonly Pair[];
}

/** Builds the signature base string of decoded parameters; `oauth_signature` is not signed. */
export function signatureBaseString({ method, url, params }: RequestParts): string {
  const signed = params.filter(([name]) => name !== 'oauth_signature').map(encodePair);
  return encodedBaseString({ method: method.toUpperCase(), url: new URL(url), params: signed });
}

/** The last part of a base string, decoded (RFC 5849 §3.4.1.3.2). */
export function normalizeParameters(params: readonly Pair[]): string {
  const base = signatureBaseString({ method: 'GET', url: 'https://api.example/', params });
  return decodeURIComponent(base.split('&')[2] ?? '');
}

/** The second part of a base string, decoded (RFC 5849 §3.4.1.2). */
export function baseStringUri(url: string): string {
  const base = signatureBaseString({ method: 'GET', url, params: [] });
  return decodeURIComponent(base.split('&')[1] ?? '');
}
