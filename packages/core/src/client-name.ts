/** Names that would change what JavaScript or this library does with the registry. */
export const reservedNames: ReadonlySet<string> = new Set(
  [
    'then catch finally toJSON prototype name length caller arguments',
    'clients login routes loginButton loginPage loginStyles loadClient tokens events',
  ].flatMap((names) => names.split(' ')),
);

/** Tells whether a client may have a name: it stands in addresses and in names of the configuration. */
export function isClientName(name: unknown): name is string {
  return typeof name === 'string' && /^[A-Za-z0-9_-]{1,64}$/.test(name);
}
