/** Names that would change what JavaScript or this library does with the registry. */
export const reservedNames: ReadonlySet<string> = new Set(
  [
    'then catch finally toJSON prototype name length caller arguments',
    'clients login routes loginButton loginPage loginStyles loadClient tokens events',
  ].flatMap((names) => names.split(' ')),
);

/** Tells whether a client may be registered under a name, which stands in URLs and names variables. */
export function isClientName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name);
}

/** Characters of a name of a loaded client at most. */
const mostCharacters = 200;

/**
 * Tells whether a client may be loaded by a name: any text that can be one segment of a URL, percent-encoded, and
 * that no object has as a member.
 */
export function isLoadedName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    !(name in Object.prototype) &&
    [...name].length <= mostCharacters &&
    /^[^./\\\p{Cc}\p{Cs}][^/\\\p{Cc}\p{Cs}]*$/u.test(name)
  );
}

/** The redirect URI of a client below `baseUrl`, unless a login says otherwise. */
export function callbackPath(name: string): string {
  return `callback/${encodeURIComponent(name)}`;
}
