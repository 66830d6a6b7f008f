/** Options with URLs that requests are sent to. */
export const isRequested: RegExp =
  /(?:Url|Uri|Endpoint)$|^(?:issuer|userinfo|longLivedToken|revocation)$/;

/** Returns whether a variable is the host, or a part of the host name. */
export function isHost(options: object, name: string): boolean {
  return Object.entries(options).some(
    ([option, value]) =>
      isRequested.test(option) &&
      JSON.stringify(value)
        ?.match(/:\/\/[^/?#"\\]*/g)
        ?.some((authority) => authority.includes(`{${name}}`)),
  );
}
