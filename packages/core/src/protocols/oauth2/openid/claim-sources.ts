import { nowSeconds } from '../../../platform/crypto.js';
import { fromBase64Url, isHeaderSafe, isObject } from '../../../platform/encoding.js';
import { OAuthError } from '../../../model/errors.js';
import type { Http } from '../../../platform/http/http.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import type { Limits } from '../../../options/registry-options.js';
import type { UserInfo } from '../../../model/types.js';
import { leewayOf } from '../../../options/openid.js';
import { typedClaims } from '../../../quirks/standard-claims.js';
import { allowedAlgorithms } from '../jwt/algorithms.js';
import { createIdentity } from './identity.js';
import { refusedClaim, readJsonObject, type JwtSubject } from '../jwt/jws.js';
import { createMetadata } from '../discovery/metadata.js';
import { unavailable } from '../endpoint/error-response.js';
import { verifyJwt, type JwtPolicy } from '../jwt/verify.js';

/** What a claims provider says of a person, its signature verified (OpenID Connect Core §5.6.2). */
export interface ProvidedClaims {
  /** Who says so: one of the issuers in `claimSources`. */
  iss: string;
  /** The person's identifier there, where it has one. It has nothing to do with the `sub` of the login. */
  sub?: string;
  /** The claims that the source was named for. */
  claims: Record<string, unknown>;
}

/** The verbs for claims that others than the provider are the source of. */
export interface ClaimSourceVerbs {
  /**
   * Verifies the aggregated claims of a person: those that other issuers have signed and the provider
   * hands on. Pass what `userinfo()` answered, or `token.userinfo`. No source of an issuer that is not
   * in `claimSources` is in the answer; one that fails a check is an error.
   *
   * @throws OAuthError `invalid_userinfo`
   * @see https://openid.net/specs/openid-connect-core-1_0.html#AggregatedDistributedClaims
   */
  aggregatedClaims(user: UserInfo): Promise<ProvidedClaims[]>;
  /**
   * Asks for the distributed claims of a person, with the access token that the provider gave for each,
   * and verifies them as {@link aggregatedClaims} does. Only endpoints of the issuers in `claimSources`
   * are asked.
   */
  distributedClaims(user: UserInfo): Promise<ProvidedClaims[]>;
}

/** A claims provider that is trusted, ready to verify with. */
interface Trusted {
  issuer: string;
  /** Where its claims endpoint may be. */
  origin: string;
  policy(): Promise<JwtPolicy>;
}

/** One entry of `_claim_sources`, and the claims it is the source of. */
interface Source {
  names: string[];
  members: Record<string, unknown>;
}

interface Config {
  options: Readonly<RegisterOptions>;
  http: Http;
  /** Seconds that loaded metadata is good for. */
  metadataTtl: number;
  limits: Limits;
}

const what = 'claims endpoint';
const mostSources = 10;

/** Claims about the token itself, or the login; no source has a say in them. */
const reserved = ['iss', 'sub', 'aud', 'exp', 'nbf', 'iat', 'jti', 'nonce', 'azp', 'auth_time'];

/** Binds the verification of others' claims to one client. */
export function createClaimSources(config: Config): ClaimSourceVerbs {
  const { options, http } = config;
  const trusted = trustedIssuers(config);

  async function read(jwt: string, by: Trusted, names: string[]): Promise<ProvidedClaims> {
    const policy = await by.policy();
    const { claims } = await verifyJwt(jwt, policy);
    const [claim, problem] = problemOf(claims, by.issuer, options) ?? [];
    if (claim !== undefined) throw refusedClaim(policy, claim, `${problem}.`);
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
    const { signingKeys } = createIdentity({ options: { jwks }, http, loadMetadata, limits });
    return {
      issuer,
      origin: new URL(endpoint).origin,
      policy: async () => ({
        ...subject,
        maxBytes: limits.jwtBytes,
        types: [undefined, 'jwt'],
        algorithms: allowedAlgorithms(alg, undefined),
        jwks: await signingKeys(),
      }),
    };
  });
}

/** The sources of a person's claims, each with the claims it is named for. */
function sourcesOf(user: UserInfo): Source[] {
  const { _claim_names: names, _claim_sources: sources } = user.raw ?? user;
  if (!isObject(names) || !isObject(sources)) return [];
  const found = Object.entries(sources).filter((entry): entry is [string, Source['members']] =>
    isObject(entry[1]),
  );
  if (found.length > mostSources) {
    throw new OAuthError(
      'invalid_userinfo',
      `The userinfo names more than ${mostSources} sources of claims. None of them was read.`,
    );
  }
  return found.map(([key, members]) => ({
    members,
    names: Object.keys(names).filter((name) => names[name] === key),
  }));
}

/** Who a JWT claims to be from; that decides only whose keys it is verified with. */
function issuerIn(jwt: string, maxBytes: number): unknown {
  const [, payload = ''] = jwt.slice(0, maxBytes).split('.');
  try {
    return readJsonObject(fromBase64Url(payload), 'payload', subject)['iss'];
  } catch {
    return undefined;
  }
}

/** What a source's claims have in common with those of the provider: they are for us, and now. */
function problemOf(
  claims: Record<string, unknown>,
  issuer: string,
  options: Readonly<RegisterOptions>,
): [claim: string, problem: string] | undefined {
  const { iss, aud, exp, nbf } = claims;
  const leeway = leewayOf(options);
  if (iss !== issuer) return ['iss', 'is not the issuer of its source'];
  if (aud !== undefined && ![aud].flat().includes(options.clientId ?? ''))
    return ['aud', 'does not name this client'];
  if (exp !== undefined && !(isTime(exp) && exp > nowSeconds() - leeway)) return ['exp', 'is over'];
  if (nbf !== undefined && !(isTime(nbf) && nbf < nowSeconds() + leeway))
    return ['nbf', 'lies in the future'];
  // An id_token, or a security event, says other things than what a person is like.
  const foreign = ['nonce', 'events'].find((name) => claims[name] !== undefined);
  return foreign === undefined ? undefined : [foreign, 'belongs to tokens of another kind'];
}

function isTime(value: unknown): value is number {
  return Number.isFinite(value);
}

/** OpenID Connect Core §5.6.2.2; redirects are not followed. */
async function ask(http: Http, url: string, token: unknown): Promise<string> {
  const usable = typeof token === 'string' && token !== '' && isHeaderSafe(token);
  const answer = await http.exchange({
    what,
    url,
    headers: {
      accept: 'application/jwt',
      ...(usable ? { authorization: `Bearer ${token}` } : {}),
    },
  });
  const { status } = answer;
  if (status >= 500 || status === 429) throw unavailable(answer, what);
  if (status === 200) return answer.text.trim();
  throw new OAuthError(
    'provider_refused',
    `The ${what} of a claim source refused the request (HTTP ${status}). Its access token may have expired: ` +
      'ask for the userinfo again.',
    { providerStatus: status },
  );
}
