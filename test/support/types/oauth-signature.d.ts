declare module 'oauth-signature' {
  interface OAuthSignature {
    /** Generates an OAuth 1.0a signature; percent-encoded unless told otherwise. */
    generate(
      method: string,
      url: string,
      parameters: Record<string, string | string[]>,
      consumerSecret: string,
      tokenSecret?: string,
      options?: { encodeSignature?: boolean },
    ): string;
    SignatureBaseString: new (
      method: string,
      url: string,
      parameters: Record<string, string | string[]>,
    ) => { generate(): string };
  }
  const oauthSignature: OAuthSignature;
  export default oauthSignature;
}
