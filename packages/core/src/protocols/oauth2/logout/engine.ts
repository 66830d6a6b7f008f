import { withoutUndefined } from '../../../platform/encoding.js';
import { equalInConstantTime } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import type {
  FrontchannelSession,
  LogoutEvent,
  LogoutPort,
  LogoutRequest,
  ReadLogoutToken,
} from '../../../model/logout.js';
import type { Params } from '../../../model/types.js';
import { acceptsIssuer, onlyIssuer, requireIssuer } from '../../../platform/issuer.js';
import { leewayOf } from '../../../options/openid.js';
import { usableEndpoint } from '../discovery/metadata.js';
import type { Identity } from '../openid/identity.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { verifyLogoutToken } from './logout-token.js';
import { logoutUrl } from './logout-url.js';

/** Maximum length of a hint in characters. Its meaning is private to provider and user. */
const longestHint = 1024;

/** What the logouts of one client need. */
interface LogoutConfig {
  name: string;
  context: () => Promise<ProtocolContext>;
  identity: Identity;
}

/** The logouts of one client. */
export class OAuth2Logout implements LogoutPort {
  readonly #config: LogoutConfig;

  constructor(config: LogoutConfig) {
    this.#config = config;
  }

  async isOffered(): Promise<boolean> {
    return (
      usableEndpoint((await this.#config.context()).metadata, 'end_session_endpoint') !== undefined
    );
  }

  async createLogoutUrl(
    postLogoutRedirectUri?: string,
    params: Params = {},
  ): Promise<LogoutRequest> {
    return logoutUrl(await this.#config.context(), postLogoutRedirectUri, params);
  }

  async readLogoutToken(token: unknown): Promise<ReadLogoutToken> {
    const { options, metadata } = await this.#config.context();
    const { name, identity } = this.#config;
    const { limits } = identity;
    const jwks = await identity.signingKeys();
    const claims = await verifyLogoutToken(token, { options, metadata, jwks, limits });
    const { iss, sub, sid, jti, exp } = claims;
    const event = { client: name, iss, ...withoutUndefined({ sub, sid }), claims };
    return { event, jti: `${iss} ${jti}`, until: exp + leewayOf(options) };
  }

  async readFrontchannel(
    params: URLSearchParams,
    session: FrontchannelSession,
  ): Promise<LogoutEvent> {
    const { options, metadata } = await this.#config.context();
    requireIssuer(options, metadata);
    const own = session?.sid;
    if (typeof own !== 'string' || own === '') throw invalidFrontChannelLogout(noSession);
    const [iss, sid] = [once(params, 'iss'), once(params, 'sid')];
    // Front-Channel Logout §2: both are present, or neither.
    if ((iss === undefined) !== (sid === undefined))
      throw invalidFrontChannelLogout('has only one of "iss" and "sid"');
    if (iss === undefined && options.frontchannelLogoutSessionRequired !== false) {
      throw invalidFrontChannelLogout(unnamed);
    }
    // If each tenant has its own issuer, the request must name it.
    const issuer = iss ?? onlyIssuer(options, metadata);
    if (!acceptsIssuer(options, metadata, issuer))
      throw invalidFrontChannelLogout('has no valid "iss" of this provider');
    const { iss: ownIssuer } = session ?? {};
    if (typeof ownIssuer === 'string' && ownIssuer !== issuer)
      throw invalidFrontChannelLogout('is for a session of another issuer ("iss")');
    if (!equalInConstantTime(sid ?? own, own))
      throw invalidFrontChannelLogout('is for another session ("sid")');
    return { client: this.#config.name, iss: String(issuer), sid: own };
  }

  async readThirdPartyInitiation(params: URLSearchParams): Promise<Params> {
    const { options, metadata } = await this.#config.context();
    requireIssuer(options, metadata);
    if (!acceptsIssuer(options, metadata, once(params, 'iss'))) {
      throw new OAuthError(
        'mismatching_issuer',
        'A login was initiated without an "iss", or with that of another provider (OpenID ' +
          'Connect Core §4); expected ' +
          `"${[options.issuer ?? metadata.issuer].flat().join('" or "')}". No login was ` +
          'started.',
      );
    }
    return hint(params);
  }
}

const noSession =
  'found no session with a "sid" in this browser. Pass { sid } of the session\'s id_token to ' +
  'logout.frontchannelLogout(). In a cross-site frame, the session cookie is sent only with ' +
  'SameSite=None';

const unnamed =
  'has neither "iss" nor "sid". Register the client with ' +
  '"frontchannel_logout_session_required", or set "frontchannelLogoutSessionRequired" to ' +
  'false';

/** Creates the error for a front-channel logout that is not for this browser's session. */
function invalidFrontChannelLogout(reason: string): OAuthError {
  return new OAuthError(
    'invalid_callback',
    `The front-channel logout ${reason} (Front-Channel Logout §2). No session was ended.`,
  );
}

function hint(params: URLSearchParams): Params {
  const value = once(params, 'login_hint');
  if (value === undefined) return {};
  if (value.length <= longestHint && !/\p{Cc}/u.test(value)) return { login_hint: value };
  throw odd('a "login_hint" that is too long, or has control characters');
}

/** Reads a parameter that must not be repeated (RFC 6749 §3.1). */
function once(params: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = params.getAll(name);
  if (others.length === 0) return value;
  throw odd(`"${name}" more than once`);
}

function odd(seen: string): OAuthError {
  return new OAuthError('invalid_callback', `The request has ${seen} and was rejected.`);
}
