import type { Token } from '../../model/types.js';

/** The token of a call, and what can be done if it is due or rejected. */
export interface Found<T extends Token = Token> {
  token: T;
  /** Refreshes it; absent if that is impossible. */
  renew?: (() => Promise<T>) | undefined;
  /**
   * Whether the token belongs to the client, so that replacing it involves no user: any 401 counts
   * as a rejection.
   */
  own?: boolean;
  /** Loads the token again: a new login may have replaced one that cannot be refreshed. */
  reread?: (() => Promise<T>) | undefined;
  /**
   * Ends the authorization of a rejected token that cannot be refreshed: marks it, and notifies the
   * application once.
   */
  end?(token: T): Promise<void>;
}
