import { anything, isPlain, must, shape, text, type Check } from '../platform/validators.js';
import type { PrivateKeyOption } from './private-key.js';

/** The grant type of an assertion (RFC 7523 §2.1). */
export const jwtBearer = 'urn:ietf:params:oauth:grant-type:jwt-bearer';

/** The claims of an assertion (RFC 7523 §3) and its signing key. */
export interface AssertionOptions {
  /** A private key: PEM, JWK or CryptoKey, or `{ key, kid }`. Default: the client's `privateKey`. */
  key?: PrivateKeyOption | undefined;
  /** Default: the key's first algorithm, `RS256` or `ES256`. */
  alg?: string | undefined;
  /** `iss`. Default: the client id. */
  issuer?: string | undefined;
  /** `sub`: the user or client it is about. Default: the issuer. */
  subject?: string | undefined;
  /** `aud`. Default: the token endpoint. */
  audience?: string | URL | readonly (string | URL)[] | undefined;
  /** Lifetime in seconds. Default 300. */
  lifetime?: number | undefined;
  /** Additional members of the JWT's header. `alg` and `kid` are those of the key. */
  headers?: Readonly<Record<string, unknown>> | undefined;
  /** Additional claims, such as `scope` if the provider reads it from the assertion. */
  claims?: Readonly<Record<string, unknown>> | undefined;
}

/** The argument check of {@link AssertionOptions}. */
export const assertionOptions: Check = shape<AssertionOptions>({
  // Validated later, with a more specific error.
  key: anything,
  alg: text,
  issuer: text,
  subject: text,
  audience: must(
    (v) => [v].flat().every((one) => typeof one === 'string' || one instanceof URL),
    'must be a string, a URL or a list',
  ),
  lifetime: must((v) => Number.isFinite(v) && Number(v) > 0, 'must be a number of seconds above 0'),
  headers: must(isPlain, 'must be an object of header members'),
  claims: must(isPlain, 'must be an object of claims'),
});
