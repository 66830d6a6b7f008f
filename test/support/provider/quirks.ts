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
 * The switches of a fake provider. Change them at any time; a switch that is not set means what the
 * specification says. Where a name is not enough, a function makes the deviation.
 */
export interface Quirks {
  /** Faults of the transport, per endpoint: `quirks.fault.token = 'hang'`. */
  fault: Partial<Record<Endpoint, Fault | undefined>>;
  /** Milliseconds to wait before answering, per endpoint. */
  delay: Partial<Record<Endpoint, number | undefined>>;
  /** The origin that redirects and foreign endpoints point to. */
  elsewhere: string;
  /** How the token endpoint's answer differs. */
  tokenResponse?: TokenQuirk | ((body: TokenBody) => ProviderResponse) | undefined;
  /** How the metadata document differs; an object is laid over the right one. */
  metadata?: MetadataQuirk | JsonObject | ((metadata: JsonObject) => JsonObject) | undefined;
  /** How the JWK Set differs; an object replaces it. */
  jwks?: JwksQuirk | object | ((keys: JsonObject[]) => object) | undefined;
  /** The status of the JWK Set's answer. */
  jwksStatus?: number | undefined;
  /** How the OAuth 2 callback differs. */
  callback?: CallbackQuirk | ((input: CallbackInput) => void) | undefined;
  /** Delivers the callback in this way, whatever the client asked for. */
  responseMode?: 'query' | 'fragment' | 'form_post' | undefined;
  /** How the userinfo answer differs; an object is laid over the right claims. */
  userinfo?: UserinfoQuirk | JsonObject | undefined;
  /** Compares Basic credentials without form-decoding them, as many servers do. */
  basicNotDecoded?: boolean | undefined;
  /** Says that a code is good as often as it comes. */
  codesReusable?: boolean | undefined;
  /** How the answer with OAuth 1 temporary credentials differs. */
  oauth1Request?:
    CredentialQuirk | ((fields: Record<string, string>) => ProviderResponse) | undefined;
  /** How the answer with OAuth 1 token credentials differs. */
  oauth1Access?:
    CredentialQuirk | ((fields: Record<string, string>) => ProviderResponse) | undefined;
  /** How the OAuth 1 callback differs. */
  oauth1Callback?: OAuth1CallbackQuirk | ((params: URLSearchParams) => void) | undefined;
  /** Issues OAuth 1 tokens and secrets full of `&`, `=`, `+`, `%`, spaces and umlauts. */
  oauth1OddTokens?: boolean | undefined;
  /** How the OpenID 2.0 assertion differs that the provider signs. */
  openid2Assertion?: AssertionQuirk | ((input: AssertionInput) => void) | undefined;
  /** How the answer differs when it arrives. */
  openid2Callback?: OpenID2CallbackQuirk | ((params: URLSearchParams) => void) | undefined;
  /** How the answer to `check_authentication` differs. */
  openid2Check?: CheckQuirk | (() => ProviderResponse) | undefined;
}

/** Returns the switches of a provider that behaves. */
export function noQuirks(): Quirks {
  return { fault: {}, delay: {}, elsewhere: 'http://127.0.0.1:9' };
}

/** Replaces an endpoint's answer; `undefined` lets the ordinary answer through. */
export type Override = (
  request: ProviderRequest,
  /** Makes the ordinary answer, quirks included. */
  respond: () => Promise<ProviderResponse>,
) => ProviderResponse | undefined | Promise<ProviderResponse | undefined>;
