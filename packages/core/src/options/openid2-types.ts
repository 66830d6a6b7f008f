/** Options of `register()` for OpenID 2.0 clients only. */
export interface OpenID2RegisterOptions {
  /**
   * The OP Endpoint URL (OpenID Authentication 2.0 §2). Its presence selects OpenID 2.0, which
   * authenticates the user but has no client identifier and issues no access token.
   */
  openid2Endpoint?: string | undefined;
  /**
   * The claimed identifiers this provider is authoritative for, in place of discovery (OpenID
   * Authentication 2.0 §11.2): a regular expression for the whole identifier. Its first group is
   * the `sub`; without a group, the `sub` is the identifier itself.
   */
  claimedIdPattern?: string | undefined;
}
