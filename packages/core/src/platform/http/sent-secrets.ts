import { longestText, type ProviderWords } from '../../model/provider-words.js';
import type { BodyInit, HeadersInit } from '../../model/web-types.js';

/** The parts of a request that may contain secrets. */
interface SentRequest {
  url: string | URL;
  headers?: HeadersInit | undefined;
  body?: BodyInit | null | undefined;
}

/** Parameters with secret values. */
const secretNames = (
  'access_token actor_token assertion auth_req_id client_assertion client_secret code code_verifier ' +
  'device_code id_token_hint login_hint_token password refresh_token request subject_token token ' +
  'oauth_token oauth_verifier oauth_signature oauth_nonce oauth_session_handle state nonce'
).split(' ');

/** Returns the secrets in a request: its credentials, and the values of secret parameters. */
export function sentSecrets({ url, headers: given, body }: SentRequest): string[] {
  const headers = new Headers(given);
  const form = body instanceof URLSearchParams ? body : new URLSearchParams(formText(body));
  return [
    ...credentialsOf(headers.get('authorization') ?? ''),
    ...['dpop', 'cookie'].flatMap((name) => headers.get(name) ?? []),
    ...[form, new URL(url).searchParams].flatMap(secretParams),
  ];
}

/** Maximum values of one name, and parts of one value: a callback may contain any number. */
const mostValues = 2;
const mostParts = 8;
const mostSecrets = 100;

/** Returns the secret values of a form or query, limited so that searching for them stays cheap. */
export function secretParams(params: URLSearchParams): string[] {
  return secretNames
    .flatMap((name) => params.getAll(name).slice(0, mostValues))
    .flatMap((value) => [value, ...value.split('&', mostParts)])
    .slice(0, mostSecrets);
}

function formText(body: BodyInit | null | undefined): string {
  return typeof body === 'string' && !/^[{[]/.test(body) ? body : '';
}

/** Returns the credentials of an `Authorization` header, whole and in parts. */
function credentialsOf(header: string): string[] {
  const [, scheme = '', credentials = ''] = /^(\S+) (.*)$/s.exec(header) ?? [];
  if (scheme === 'Basic') return [credentials, ...decodeBasic(credentials).split(':').slice(1)];
  if (scheme !== 'OAuth') return [credentials];
  const pairs = credentials.split(',').map((pair) => pair.trim().replaceAll('"', ''));
  // A plus is literal there, but a space in a query.
  return secretParams(new URLSearchParams(pairs.join('&').replaceAll('+', '%2B')));
}

function decodeBasic(credentials: string): string {
  try {
    return atob(credentials);
  } catch {
    return '';
  }
}

/** Short values and words also occur in unrelated sentences. */
const isDistinctive = (secret: string): boolean =>
  secret.length >= 4 && !/^[a-z]{1,11}$/i.test(secret);

/**
 * Removes the request's secrets from error text: some servers quote whole tokens. Compares no more
 * text than can be shown, because a callback may contain text and secrets of any length.
 */
export function redactErrorFields(words: ProviderWords, secrets: readonly string[]): ProviderWords {
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

/** A secret longer than the shown text may be cut off, so its beginning is removed, too. */
function withoutSecret(text: string, secret: string): string {
  if (secret.length <= longestText) return text.replaceAll(secret, '[…]');
  const at = text.indexOf(secret.slice(0, longestText));
  return at === -1 ? text : `${text.slice(0, at)}[…]`;
}
