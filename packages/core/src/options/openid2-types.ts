/** Options of `register()` that only OpenID 2.0 clients have a use for. */
export interface OpenID2RegisterOptions {
  /**
   * The provider's endpoint (OP Endpoint URL, OpenID Authentication 2.0 §2). Its presence selects
   * OpenID 2.0, which has no client identifier and gives no access token: it says who somebody is.
   */
  openid2Endpoint?: string | undefined;
  /**
   * The identifiers this provider may speak for, in place of discovery (OpenID Authentication 2.0
   * §11.2): a regular expression for the whole claimed identifier. Its first group is the `sub`; without
   * a group, the identifier itself is.
   */
  claimedIdPattern?: string | undefined;
}
