import { longestText, type ProviderWords } from '../../model/provider-words.js';
import type { BodyInit, HeadersInit } from '../../model/web-types.js';

/** A request, as far as it may carry secrets. */
interface SentRequest {
  url: string | URL;
  headers?: HeadersInit | undefined;
  body?: BodyInit | null | undefined;
}

/** Parameters whose values nobody else may see. */
const secretNames = (
  'access_token actor_token assertion auth_req_id client_assertion client_secret code code_verifier ' +
  'device_code id_token_hint login_hint_token password refresh_token request subject_token token ' +
  'oauth_token oauth_verifier oauth_signature oauth_nonce oauth_session_handle state nonce'
).split(' ');

/** Collects what a request carries in confidence: its credentials, and the secret ones of its parameters. */
export function sentSecrets({ url, headers: given, body }: SentRequest): string[] {
  const headers = new Headers(given);
  const form = body instanceof URLSearchParams ? body : new URLSearchParams(textOf(body));
  return [
    ...credentialsOf(headers.get('authorization') ?? ''),
    ...['dpop', 'cookie'].flatMap((name) => headers.get(name) ?? []),
    ...[form, new URL(url).searchParams].flatMap(secretParams),
  ];
}

/** The values of one name, and the parts of one value, that are looked for: a callback may have any number. */
const mostValues = 2;
const mostParts = 8;
const mostSecrets = 100;

/** The secret values of a form or a query, so many that looking for all of them stays cheap. */
export function secretParams(params: URLSearchParams): string[] {
  return secretNames
    .flatMap((name) => params.getAll(name).slice(0, mostValues))
    .flatMap((value) => [value, ...value.split('&', mostParts)])
    .slice(0, mostSecrets);
}

function textOf(body: BodyInit | null | undefined): string {
  return typeof body === 'string' && !/^[{[]/.test(body) ? body : '';
}

/** The credentials of an `Authorization` header, whole and in their parts. */
function credentialsOf(header: string): string[] {
  const [, scheme = '', credentials = ''] = /^(\S+) (.*)$/s.exec(header) ?? [];
  if (scheme === 'Basic') return [credentials, ...decodeBasic(credentials).split(':').slice(1)];
  if (scheme !== 'OAuth') return [credentials];
  const pairs = credentials.split(',').map((pair) => pair.trim().replaceAll('"', ''));
  // A plus is a plus there, and a space in a query.
  return secretParams(new URLSearchParams(pairs.join('&').replaceAll('+', '%2B')));
}

function decodeBasic(credentials: string): string {
  try {
    return atob(credentials);
  } catch {
    return '';
  }
}

/** What is short, or a word, is found in sentences that are not about it. */
const isDistinctive = (secret: string): boolean =>
  secret.length >= 4 && !/^[a-z]{1,11}$/i.test(secret);

/**
 * Cuts out of a provider's words what was sent in confidence: some servers quote whole tokens. A callback may have
 * words and secrets of any length, so no more of either is compared than can be shown.
 */
export function withoutSecrets(words: ProviderWords, secrets: readonly string[]): ProviderWords {
  const hidden = [...new Set(secrets)]
    .filter(isDistinctive)
    .slice(0, mostSecrets)
    .flatMap((secret) => [secret, encodeURIComponent(secret)])
    .toSorted((a, b) => b.length - a.length);
  const cut = (text: string | undefined): string | undefined =>
    text && hidden.reduce(withoutSecret, text.slice(0, 2 * longestText));
  const { error, error_description, error_uri } = words;
  return {
    error: cut(error),
    error_description: cut(error_description),
    error_uri: cut(error_uri),
  };
}

/** Of a secret that is longer than what is shown, the beginning may be all that is there. */
function withoutSecret(text: string, secret: string): string {
  if (secret.length <= longestText) return text.replaceAll(secret, '[…]');
  const at = text.indexOf(secret.slice(0, longestText));
  return at === -1 ? text : `${text.slice(0, at)}[…]`;
}
