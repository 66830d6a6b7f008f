declare module 'oauth-sign' {
  interface OAuthSign {
    /** Computes an HMAC-SHA1 signature; the parameters are decoded. */
    hmacsign(
      method: string,
      baseUri: string,
      params: Record<string, string | string[]>,
      clientSecret: string,
      tokenSecret?: string,
    ): string;
    generateBase(
      method: string,
      baseUri: string,
      params: Record<string, string | string[]>,
    ): string;
    rfc3986(text: string): string;
  }
  const oauthSign: OAuthSign;
  export default oauthSign;
}
