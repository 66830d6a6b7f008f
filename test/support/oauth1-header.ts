/** The protocol parameters in the Authorization header of a signed request, decoded. */
export function readHeader(signed: { headers: Record<string, string> }): Record<string, string> {
  const fields = (signed.headers['Authorization'] ?? '').matchAll(/(\w+)="([^"]*)"/g);
  return Object.fromEntries(
    [...fields].map(([, name = '', value = '']) => [name, decodeURIComponent(value)]),
  );
}
