import { withoutUndefined } from '../../../platform/encoding.js';
import { equalInConstantTime } from '../../../platform/crypto.js';
import { OAuthError } from '../../../model/errors.js';
import type { LogoutPort } from '../../../model/logout.js';
import type { Params } from '../../../model/types.js';
import { acceptsIssuer, onlyIssuer, requireIssuer } from '../discovery/issuer.js';
import { leewayOf } from '../../../options/openid.js';
import { allowedAlgorithms } from '../jwt/algorithms.js';
import type { Identity } from '../openid/identity.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { verifyLogoutToken } from './logout-token.js';
import { logoutUrl } from './logout-url.js';

/** Characters a hint may have; what it means is between the two others. */
const longestHint = 1024;

/** Binds logging out to one client. */
export function createLogoutPort(config: {
  name: string;
  context: () => Promise<ProtocolContext>;
  identity: Identity;
}): LogoutPort {
  const { name, context, identity } = config;

  return {
    async createLogoutUrl(postLogoutRedirectUri, params = {}) {
      return logoutUrl(await context(), postLogoutRedirectUri, params);
    },

    async readLogoutToken(token) {
      const { options, metadata } = await context();
      const leeway = leewayOf(options);
      const claims = await verifyLogoutToken(token, {
        issuer: (issuer) => acceptsIssuer(options, metadata, issuer),
        clientId: options.clientId ?? '',
        clientSecret: options.clientSecret,
        algorithms: allowedAlgorithms(
          options.idTokenSignedResponseAlg,
          metadata['id_token_signing_alg_values_supported'],
        ),
        jwks: await identity.signingKeys(),
        limits: identity.limits,
        leeway,
      });
      const { iss, sub, sid, jti, exp } = claims;
      const event = { client: name, iss, ...withoutUndefined({ sub, sid }), claims };
      return { event, jti: `${iss} ${jti}`, until: exp + leeway };
    },

    async readFrontchannel(params, session) {
      const { options, metadata } = await context();
      requireIssuer(options, metadata);
      const own = session?.sid;
      if (typeof own !== 'string' || own === '') throw refused(noSession);
      const [iss, sid] = [once(params, 'iss'), once(params, 'sid')];
      // Front-Channel Logout §2: the two come together or not at all.
      if ((iss === undefined) !== (sid === undefined))
        throw refused('names only one of "iss" and "sid"');
      if (iss === undefined && options.frontchannelLogoutSessionRequired !== false) {
        throw refused(unnamed);
      }
      // Where every tenant is an issuer of its own, a request has to say which one it is.
      const issuer = iss ?? onlyIssuer(options, metadata);
      if (!acceptsIssuer(options, metadata, issuer)) throw refused('has no "iss" of this provider');
      if (!equalInConstantTime(sid ?? own, own)) throw refused('names another session ("sid")');
      return { client: name, iss: String(issuer), sid: own };
    },

    async readInitiation(params) {
      const { options, metadata } = await context();
      requireIssuer(options, metadata);
      if (!acceptsIssuer(options, metadata, once(params, 'iss'))) {
        throw new OAuthError(
          'mismatching_issuer',
          'A login was initiated with an "iss" that is none of this provider, or without one (OpenID ' +
            `Connect Core §4); "${[options.issuer ?? metadata.issuer].flat().join('" or "')}" was expected. ` +
            'Nothing was started.',
        );
      }
      return hint(params);
    },
  };
}

const noSession =
  'finds no session with a "sid" in this browser. Pass { sid } of the session\'s id_token to ' +
  "frontchannelLogout(). A frame of another site brings the session's cookie only if that has SameSite=None";

const unnamed =
  'names neither "iss" nor "sid". Register the client with "frontchannel_logout_session_required", or set ' +
  '"frontchannelLogoutSessionRequired" to false';

/** A front-channel logout that is not about the session of this browser. */
function refused(reason: string): OAuthError {
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

/** A parameter that may be there once (RFC 6749 §3.1). */
function once(params: URLSearchParams, name: string): string | undefined {
  const [value, ...others] = params.getAll(name);
  if (others.length === 0) return value;
  throw odd(`"${name}" more than once`);
}

function odd(seen: string): OAuthError {
  return new OAuthError('invalid_callback', `The request carries ${seen}. Nothing was done.`);
}
