import { nowSeconds } from '../../../platform/crypto.js';
import { fromBase64Url, isHeaderSafe, isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/limits.js';
import type { UserInfo } from '../../../model/types.js';
import { leewayOf } from '../../../options/openid.js';
import { typedClaims } from '../../../platform/standard-claims.js';
import { allowedAlgorithms } from '../jwt/policy.js';
import { Identity } from './identity.js';
import {
  absent,
  audienceRule,
  checkClock,
  expiryRule,
  ifPresent,
  isNumericDate,
  type ClaimRule,
} from '../../../platform/jwt/claim-rules.js';
import { readJsonObject, type JwtSubject } from '../../../platform/jwt/jws.js';
import { createMetadata } from '../discovery/metadata.js';
import { isUnavailable, providerUnavailable } from '../../../platform/http/unavailable.js';
import { verifyJwt, type JwtPolicy } from '../../../platform/jwt/verify.js';

/** The verified claims of a claims provider (OpenID Connect Core §5.6.2). */
export interface ProvidedClaims {
  /** The issuer of the claims, one of `claimSources`. */
  iss: string;
  /** The user's identifier at the claims provider, if any. Unrelated to the `sub` of the login. */
  sub?: string;
  /** The claims that the source provides. */
  claims: Record<string, unknown>;
}

/** Methods for aggregated and distributed claims: `client.metadata`. */
export interface ClaimSourceVerbs {
  /**
   * Verifies the aggregated claims of a user: those signed by other issuers and included by the
   * provider. Pass the result of `userinfo()`, or `token.userinfo`. Sources of issuers not listed
   * in `claimSources` are skipped; a source that fails validation is an error.
   *
   * @throws OAuthError `invalid_userinfo`
   * @see https://openid.net/specs/openid-connect-core-1_0.html#AggregatedDistributedClaims
   */
  aggregatedClaims(user: UserInfo): Promise<ProvidedClaims[]>;
  /**
   * Fetches the distributed claims of a user, with the access token that the provider sent for
   * each, and verifies them like {@link aggregatedClaims}. Sends requests only to endpoints of the
   * issuers in `claimSources`.
   */
  distributedClaims(user: UserInfo): Promise<ProvidedClaims[]>;
}

/** A trusted claims provider and its keys. */
interface Trusted {
  issuer: string;
  /** The allowed origin of its claims endpoint. */
  origin: string;
  policy(): Promise<JwtPolicy>;
}

/** An entry of `_claim_sources` and its claims. */
interface Source {
  names: string[];
  members: Record<string, unknown>;
}

interface Config {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that metadata is cached. */
  metadataTtl: number;
  limits: Limits;
}

const what = 'claims endpoint';
const mostSources = 10;

/** Claims about the token or the login, which a source must not set. */
const reserved = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'nonce', 'azp', 'auth_time'];

/** Creates the claim source methods of one client. */
export function createClaimSources(config: Config): ClaimSourceVerbs {
  const { options, http } = config;
  const trusted = trustedIssuers(config);

  async function read(jwt: string, by: Trusted, names: string[]): Promise<ProvidedClaims> {
    const policy = await by.policy();
    const { claims } = await verifyJwt(jwt, { ...policy, rules: sourceRules(by.issuer, options) });
    const own = names.filter((name) => Object.hasOwn(claims, name) && !reserved.includes(name));
    const { sub } = claims;
    return {
      iss: by.issuer,
      ...(typeof sub === 'string' ? { sub } : {}),
      claims: typedClaims(Object.fromEntries(own.map((name) => [name, claims[name]]))),
    };
  }

  return {
    async aggregatedClaims(user) {
      const found = sourcesOf(user).map(async ({ names, members: { JWT: jwt } }) => {
        if (typeof jwt !== 'string') return undefined;
        const by = trusted.find(({ issuer }) => issuer === issuerIn(jwt, config.limits.jwtBytes));
        return by && (await read(jwt, by, names));
      });
      return (await Promise.all(found)).filter((one) => one !== undefined);
    },

    async distributedClaims(user) {
      const found = sourcesOf(user).map(async ({ names, members }) => {
        const { endpoint, access_token: token } = members;
        if (typeof endpoint !== 'string' || !URL.canParse(endpoint)) return undefined;
        const by = trusted.find(({ origin }) => origin === new URL(endpoint).origin);
        return by && (await read(await ask(http, endpoint, token), by, names));
      });
      return (await Promise.all(found)).filter((one) => one !== undefined);
    },
  };
}

const subject = {
  what: 'JWT of a claim source',
  code: 'invalid_userinfo',
} as const satisfies JwtSubject;

function trustedIssuers({ options, http, metadataTtl: ttl, limits }: Config): Trusted[] {
  return Object.entries(options.claimSources ?? {}).map(([issuer, source]) => {
    const { jwks, jwksUri, endpoint = issuer, alg } = source;
    const known = jwks !== undefined || jwksUri !== undefined;
    const loadMetadata = known
      ? async () => ({ issuer, ...(jwksUri === undefined ? {} : { jwks_uri: jwksUri }) })
      : createMetadata({ options: { issuer }, http, openid: true, ttl });
    const identity = new Identity({ options: { jwks }, http, loadMetadata, limits });
    return {
      issuer,
      origin: new URL(endpoint).origin,
      policy: async () => ({
        ...subject,
        maxBytes: limits.jwtBytes,
        types: [undefined, 'jwt'],
        algorithms: allowedAlgorithms(alg, undefined),
        jwks: await identity.signingKeys(),
      }),
    };
  });
}

/** Returns the claim sources of a user, each with its claims. */
function sourcesOf(user: UserInfo): Source[] {
  const { _claim_names: names, _claim_sources: sources } = user.raw ?? user;
  if (!isObject(names) || !isObject(sources)) return [];
  const found = Object.entries(sources).filter((entry): entry is [string, Source['members']] =>
    isObject(entry[1]),
  );
  if (found.length > mostSources) {
    throw new OAuthError(
      'invalid_userinfo',
      `The userinfo has more than ${mostSources} claim sources. None was read. Report it to the provider.`,
    );
  }
  return found.map(([key, members]) => ({
    members,
    names: Object.keys(names).filter((name) => names[name] === key),
  }));
}

/** Returns the unverified issuer of a JWT, which only selects the keys to verify it with. */
function issuerIn(jwt: string, maxBytes: number): unknown {
  const [, payload = ''] = jwt.slice(0, maxBytes).split('.');
  try {
    return readJsonObject(fromBase64Url(payload), 'payload', subject)['iss'];
  } catch {
    return undefined;
  }
}

/** A source's claims must be for this client and current. */
function sourceRules(issuer: string, options: Readonly<RegisterOptions>): ClaimRule[] {
  const leeway = leewayOf(options);
  // An id_token or a security event token is not a source of user claims.
  const foreign = 'belongs to another type of token. Report it to the claims provider.';
  return [
    ['iss', (iss) => iss === issuer, 'is not the issuer of its source. Check "claimSources".'],
    ifPresent(audienceRule(options.clientId)),
    ifPresent(
      expiryRule(
        leeway,
        'is in the past. Call userinfo() again, or check the clock of this machine.',
      ),
    ),
    ifPresent([
      'nbf',
      (nbf) => isNumericDate(nbf) && nbf < nowSeconds() + leeway,
      `is in the future. ${checkClock}`,
    ]),
    absent('nonce', foreign),
    absent('events', foreign),
  ];
}

/** Fetches distributed claims (OpenID Connect Core §5.6.2.2). Redirects are not followed. */
async function ask(http: Http, url: string, token: unknown): Promise<string> {
  const usable = typeof token === 'string' && token !== '' && isHeaderSafe(token);
  const response = await http.send({
    what,
    url,
    headers: {
      accept: 'application/jwt',
      ...(usable ? { authorization: `Bearer ${token}` } : {}),
    },
  });
  const { status } = response;
  if (isUnavailable(response)) throw providerUnavailable(response, what);
  if (status === 200) return response.text.trim();
  throw new OAuthError(
    'provider_refused',
    `The ${what} of a claim source rejected the request (HTTP ${status}). Its access token ` +
      'may have expired: call userinfo() again.',
    { providerStatus: status },
  );
}
