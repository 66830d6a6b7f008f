import type {
  GivenOptions,
  OAuth1Options,
  OAuth2Options,
  OpenId2Options,
  RegisterOptions,
  WithUrlObjects,
} from '../options/register-options.js';
import type { Protocol } from '../model/types.js';
import type { OAuth1PresetName, OpenID2PresetName } from '../providers/by-name.js';

/**
 * The client types of an integration: by protocol, and for a client known only by name.
 *
 * @example
 * ```ts
 * interface MyClients extends ClientTypes {
 *   oauth2: MyClient<OAuth2Token> & OAuth2Verbs;
 *   registry: OAuth<this['protocols']>;
 * }
 * type OAuth<Protocols = unknown> = MyRegistry<Protocols> & ClientsByName<MyClients, Protocols>;
 * ```
 */
export interface ClientTypes {
  oauth1: object;
  oauth2: object;
  openid2: object;
  any: object;
  /** Filled in by `RegistryOf`: the protocol of each client, by its name. */
  protocols?: unknown;
  /** The registry's type, in terms of `this['protocols']`. Default: `Registry` alone. */
  registry?: object;
}

/** The clients of a registry, by name. */
export type ClientsByName<Clients extends ClientTypes, Protocols> = {
  readonly [N in keyof Protocols]: Protocols[N] extends Protocol | undefined
    ? Clients[Protocols[N] & Protocol]
    : never;
};

/** The options of one protocol; those of the others must not be set. */
type Only<Options> = WithUrlObjects<Options> & {
  readonly [Foreign in Exclude<keyof RegisterOptions, keyof Options>]?: undefined;
};

/** Options that do not describe the provider, so that a preset does. */
interface WithoutProvider {
  preset?: undefined;
  requestTokenUrl?: undefined;
  authorizeUrl?: undefined;
  accessTokenUrl?: undefined;
  serverMetadataUrl?: undefined;
  issuer?: undefined;
  openid2Endpoint?: undefined;
}

/** Options of a client named like an OAuth 1.0a preset. */
export type OAuth1PresetOptions = Only<OAuth1Options> & WithoutProvider;

/** Options of a client named like an OpenID 2.0 preset. */
export type OpenID2PresetOptions = Only<OpenId2Options> & WithoutProvider;

/** Options of an OAuth 1.0a client. */
export type OAuth1ClientOptions = Only<OAuth1Options> &
  ({ requestTokenUrl: string | URL } | { preset: OAuth1PresetName });

/** Options of an OpenID 2.0 client. */
export type OpenID2ClientOptions = Only<OpenId2Options> &
  ({ openid2Endpoint: string | URL } | { preset: OpenID2PresetName });

/** Excludes options that have no effect in combination. */
type NotIdle = (
  { pkce?: Exclude<GivenOptions['pkce'], 'off'> } | { pkce: 'off'; codeChallengeMethod?: undefined }
) &
  (
    | { idToken?: Exclude<GivenOptions['idToken'], 'ignore'> }
    | { idToken: 'ignore'; claimsOptions?: undefined }
  );

/** The option of a client that certainly has no effect. */
type IdleIn<Options> =
  | (Options extends { pkce: 'off'; codeChallengeMethod: string } ? 'codeChallengeMethod' : never)
  | (Options extends { idToken: 'ignore'; claimsOptions: object } ? 'claimsOptions' : never);

/** Options of an OAuth 2 client. */
export type OAuth2ClientOptions = Only<OAuth2Options> & NotIdle;

/** A name that is not a preset of another protocol. */
export type OAuth2Name<N> = N extends OAuth1PresetName | OpenID2PresetName ? never : unknown;

/** The protocol that options select, as far as their type tells. */
export type ProtocolOf<N, Options> = Options extends
  { requestTokenUrl: string | URL } | { preset: OAuth1PresetName }
  ? 'oauth1'
  : Options extends { openid2Endpoint: string | URL } | { preset: OpenID2PresetName }
    ? 'openid2'
    : Options extends GivenOptions & WithoutProvider
      ? ProtocolOfPreset<N>
      : 'oauth2';

type ProtocolOfPreset<N> = N extends OAuth1PresetName
  ? 'oauth1'
  : N extends OpenID2PresetName
    ? 'openid2'
    : 'oauth2';

/** The option names of a protocol. */
interface NamesOf {
  oauth1: keyof OAuth1Options;
  oauth2: keyof OAuth2Options;
  openid2: keyof OpenId2Options;
}

/** The option names of an object that are certainly set and that its protocol does not have. */
type ForeignIn<Options, P extends Protocol> = {
  [Name in Exclude<keyof Options, NamesOf[P]>]: Name extends keyof RegisterOptions
    ? undefined extends Options[Name]
      ? never
      : Name
    : Name;
}[Exclude<keyof Options, NamesOf[P]>];

/**
 * Rejects options that a client's protocol does not have, and unknown names. Types that leave open
 * whether an option is set, such as `RegisterOptions`, are accepted; `register()` checks them at
 * run time.
 */
export type KnownOptions<N, Options> = [RefusedIn<N, Options>] extends [never]
  ? unknown
  : { readonly [Name in RefusedIn<N, Options>]: never };

/** The option names of an object that a client with that name must not have. */
type RefusedIn<N, Options> = ForeignIn<Options, ProtocolOf<N, Options>> | IdleIn<Options>;

/** The same for an object with the options of several clients. */
export type AllKnownOptions<Given> = {
  readonly [N in keyof Given]: KnownOptions<N, Given[N]>;
};
