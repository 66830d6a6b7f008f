import { accepted } from './id-token-vectors/accepted.js';
import { badClaims } from './id-token-vectors/claims.js';
import type { IdTokenVector } from './id-token-vectors/context.js';
import { badKeySets } from './id-token-vectors/key-sets.js';
import { badShapes } from './id-token-vectors/shapes.js';
import { badSignatures } from './id-token-vectors/signatures.js';

export {
  publishedKeys,
  vectorContext,
  type IdTokenVector,
  type VectorOutcome,
} from './id-token-vectors/context.js';

/**
 * Every way in which an id_token can be right or wrong, as data: feed each to a verifier, or through
 * a whole login.
 */
export const idTokenVectors: readonly IdTokenVector[] = [
  ...accepted,
  ...badSignatures,
  ...badKeySets,
  ...badClaims,
  ...badShapes,
].toSorted((a, b) => (a.id < b.id ? -1 : 1));
