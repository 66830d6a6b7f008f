import { OAuthError } from '../../model/errors.js';

/** The lasting name of an account. */
export type Did = `did:${string}`;

/** What people give to say who they are: their account's DID or handle, or the server it is on. */
export type AtprotoName = { did: Did } | { handle: string } | { server: string };

const handleShape =
  /^(?=.{1,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]([a-z0-9-]{0,61}[a-z0-9])?$/;

const didShape = /^did:(plc:[a-z2-7]{24}|web:[a-zA-Z0-9.-]+(%3A\d{1,5})?)$/;

/** Domains nobody can own, so that no handle and no did:web of them is anybody's. */
const reserved = /(^|\.)(alt|arpa|example|internal|invalid|local|localhost|onion)$/;

/** Marks of the writing direction, which come along when a handle is copied from a page. */
const invisible = /[\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff]/g;

/** A page of an account, which people copy in place of its name. */
const accountPage = /^https:\/\/bsky\.app\/profile\/([^/?#]+)/i;

/**
 * Reads what a person typed: `@Ada.example.com`, `at://…`, a DID, the address of an account's page or of a
 * server.
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
    'This is no handle such as "name.bsky.social", no DID, and no address of a server. Ask the person again.',
  );
}

/** Tells whether text is a handle that may belong to somebody. */
export function isHandle(text: string): boolean {
  return handleShape.test(text) && !reserved.test(text);
}

/** Tells whether a value is a DID of a method that the AT Protocol knows. */
export function isDid(value: unknown): value is Did {
  if (typeof value !== 'string' || !didShape.test(value)) return false;
  if (value.startsWith('did:plc:')) return true;
  const host = value.slice('did:web:'.length);
  // A port is for a developer's own machine.
  return /^localhost(%3A\d{1,5})?$/.test(host) || isHandle(host);
}
