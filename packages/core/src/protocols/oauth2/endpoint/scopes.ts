/** Returns all names of several scopes, each once; `undefined` if there are none. */
export function unionOfScopes(...scopes: unknown[]): string | undefined {
  const texts = scopes.filter((scope) => typeof scope === 'string');
  return [...new Set(texts.join(' ').split(' ').filter(Boolean))].join(' ') || undefined;
}
