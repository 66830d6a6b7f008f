import { OAuthError } from '../../model/errors.js';

/** The permanent identifier of an account. */
export type Did = `did:${string}`;

/** A parsed user input: the account's DID or handle, or its server. */
export type AtprotoName = { did: Did } | { handle: string } | { server: string };

const handleShape =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

const didShape = /^did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.-]+(%3A\d{1,5})?)$/;

/** Reserved domains, which cannot be part of a valid handle or did:web. */
const reserved = /(^|\.)(alt|arpa|example|internal|invalid|local|localhost|onion)$/;

/** Invisible characters, such as direction marks, which are copied with handles from pages. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** The profile page of an account, accepted instead of its handle. */
const accountPage = /^https:\/\/bsky\.app\/profile\/([^/?#]+)/i;

/**
 * Parses user input: `@Ada.example.com`, `at://…`, a DID, or the URL of a profile page or server.
 *
 * @throws OAuthError `invalid_server`
 * @see https://atproto.com/specs/handle
 * @see https://atproto.com/specs/did
 */
export function readName(typed: string): AtprotoName {
  const text = typed.replace(invisible, '').trim();
  const name = (accountPage.exec(text)?.[1] ?? text).replace(/^(at:\/\/|@)/i, '');
  if (isDid(name)) return { did: name };
  if (isHandle(name.toLowerCase())) return { handle: name.toLowerCase() };
  if (/^https?:\/\//i.test(name) && URL.canParse(name)) return { server: new URL(name).origin };
  throw new OAuthError(
    'invalid_server',
    'Not a handle such as "name.bsky.social", a DID, or a server URL. Ask the user again.',
  );
}

/** Whether a text is a valid handle. */
export function isHandle(text: string): boolean {
  return handleShape.test(text) && !reserved.test(text);
}

/** Whether a value is a DID of a supported method. */
export function isDid(value: unknown): value is Did {
  if (typeof value !== 'string' || !didShape.test(value)) return false;
  if (value.startsWith('did:plc:')) return true;
  const host = value.slice('did:web:'.length);
  // A port is only for localhost.
  return /^localhost(%3A\d{1,5})?$/.test(host) || isHandle(host);
}
