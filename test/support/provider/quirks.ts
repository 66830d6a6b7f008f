import type { ProviderResponse, JsonObject } from './response.js';
import type { CallbackInput, CallbackQuirk } from './callback-quirks.js';
import type { Fault } from './faults.js';
import type { Endpoint, ProviderRequest } from './log.js';
import type { CredentialQuirk, OAuth1CallbackQuirk } from './oauth1-quirks.js';
import type {
  AssertionInput,
  AssertionQuirk,
  CheckQuirk,
  OpenID2CallbackQuirk,
} from './openid2-quirks.js';
import type { JwksQuirk, MetadataQuirk, UserinfoQuirk } from './openid-quirks.js';
import type { TokenBody, TokenQuirk } from './token-quirks.js';

/**
 * The switches of a fake provider. Change them at any time; without a switch, the provider follows the
 * specification. If a name is not enough, a function makes the deviation.
 */
export interface Quirks {
  /** Faults of the transport, per endpoint: `quirks.fault.token = 'hang'`. */
  fault: Partial<Record<Endpoint, Fault | undefined>>;
  /** Milliseconds to wait before the response, per endpoint. */
  delay: Partial<Record<Endpoint, number | undefined>>;
  /** The origin that redirects and foreign endpoints point to. */
  elsewhere: string;
  /** How the token response differs. */
  tokenResponse?: TokenQuirk | ((body: TokenBody) => ProviderResponse) | undefined;
  /** How the metadata document differs; an object is merged into the correct one. */
  metadata?: MetadataQuirk | JsonObject | ((metadata: JsonObject) => JsonObject) | undefined;
  /** How the JWK Set differs; an object replaces it. */
  jwks?: JwksQuirk | object | ((keys: JsonObject[]) => object) | undefined;
  /** The status of the response with the JWK Set. */
  jwksStatus?: number | undefined;
  /** How the OAuth 2 callback differs. */
  callback?: CallbackQuirk | ((input: CallbackInput) => void) | undefined;
  /** Delivers the callback in this way, whatever the client requested. */
  responseMode?: 'query' | 'fragment' | 'form_post' | undefined;
  /** How the userinfo response differs; an object is merged into the correct claims. */
  userinfo?: UserinfoQuirk | JsonObject | undefined;
  /** Compares Basic credentials without form-decoding them, as many servers do. */
  basicNotDecoded?: boolean | undefined;
  /** Accepts a code any number of times. */
  codesReusable?: boolean | undefined;
  /** How the response with OAuth 1 temporary credentials differs. */
  oauth1Request?:
    CredentialQuirk | ((fields: Record<string, string>) => ProviderResponse) | undefined;
  /** How the response with OAuth 1 token credentials differs. */
  oauth1Access?:
    CredentialQuirk | ((fields: Record<string, string>) => ProviderResponse) | undefined;
  /** How the OAuth 1 callback differs. */
  oauth1Callback?: OAuth1CallbackQuirk | ((params: URLSearchParams) => void) | undefined;
  /** Issues OAuth 1 tokens and secrets full of `&`, `=`, `+`, `%`, spaces and umlauts. */
  oauth1OddTokens?: boolean | undefined;
  /** How the OpenID 2.0 assertion differs that the provider signs. */
  openid2Assertion?: AssertionQuirk | ((input: AssertionInput) => void) | undefined;
  /** How the response differs when it arrives. */
  openid2Callback?: OpenID2CallbackQuirk | ((params: URLSearchParams) => void) | undefined;
  /** How the response to `check_authentication` differs. */
  openid2Check?: CheckQuirk | (() => ProviderResponse) | undefined;
}

/** Returns the switches of a provider without deviations. */
export function noQuirks(): Quirks {
  return { fault: {}, delay: {}, elsewhere: 'http://127.0.0.1:9' };
}

/** Replaces an endpoint's response; `undefined` sends the ordinary response. */
export type Override = (
  request: ProviderRequest,
  /** Creates the ordinary response, quirks included. */
  respond: () => Promise<ProviderResponse>,
) => ProviderResponse | undefined | Promise<ProviderResponse | undefined>;
