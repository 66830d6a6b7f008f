/** Names that would shadow members of JavaScript objects or of the registry. */
export const reservedNames: ReadonlySet<string> = new Set(
  [
    'then catch finally toJSON prototype name length caller arguments',
    'clients login routes loginButton loginPage loginStyles loadClient requireLogin tokens events',
  ].flatMap((names) => names.split(' ')),
);

/**
 * Returns whether a client may be registered under a name, which is used in URLs and in names of
 * configuration variables.
 */
export function isClientName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name);
}

/** Maximum length of a loaded client's name. */
const mostCharacters = 200;

/**
 * Returns whether a client may be loaded by a name: any text that fits in one percent-encoded URL
 * segment and is not a member of every object.
 */
export function isLoadedName(name: unknown): name is string {
  return (
    typeof name === 'string' &&
    !(name in Object.prototype) &&
    [...name].length <= mostCharacters &&
    /^[^./\\\p{Cc}\p{Cs}][^/\\\p{Cc}\p{Cs}]*$/u.test(name)
  );
}

/** Returns the default redirect URI of a client, relative to `baseUrl`. */
export function callbackPath(name: string): string {
  return `callback/${encodeURIComponent(name)}`;
}
