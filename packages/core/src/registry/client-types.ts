import type { GivenOptions, RegisterOptions } from '../options/register-options.js';
import type {
  OAuth1OptionName,
  OAuth2OptionName,
  OpenID2OptionName,
} from '../options/protocols.js';
import type { Protocol } from '../model/types.js';
import type { OAuth1PresetName, OpenID2PresetName } from '../providers/by-name.js';

/** The client types of an integration: for each protocol, and for a client known only by name. */
export interface ClientTypes {
  oauth1: object;
  oauth2: object;
  openid2: object;
  any: object;
}

/** Options of one protocol: those of the others must be left out. */
type Only<Names extends keyof GivenOptions> = Pick<GivenOptions, Names> & {
  readonly [Foreign in Exclude<keyof GivenOptions, Names>]?: undefined;
};

/** Options that say nothing about where the provider is, so that a preset says it. */
interface Unplaced {
  preset?: undefined;
  requestTokenUrl?: undefined;
  authorizeUrl?: undefined;
  accessTokenUrl?: undefined;
  serverMetadataUrl?: undefined;
  issuer?: undefined;
  openid2Endpoint?: undefined;
}

/** Options of a client whose OAuth 1.0a preset has the client's name. */
export type OAuth1PresetOptions = Only<OAuth1OptionName> & Unplaced;

/** Options of a client whose OpenID 2.0 preset has the client's name. */
export type OpenID2PresetOptions = Only<OpenID2OptionName> & Unplaced;

/** Options of a client that speaks OAuth 1.0a. */
export type OAuth1ClientOptions = Only<OAuth1OptionName> &
  ({ requestTokenUrl: string | URL } | { preset: OAuth1PresetName });

/** Options of a client that speaks OpenID 2.0. */
export type OpenID2ClientOptions = Only<OpenID2OptionName> &
  ({ openid2Endpoint: string | URL } | { preset: OpenID2PresetName });

/** Options that would do nothing beside one another. */
type NotIdle = (
  { pkce?: Exclude<GivenOptions['pkce'], 'off'> } | { pkce: 'off'; codeChallengeMethod?: undefined }
) &
  (
    | { idToken?: Exclude<GivenOptions['idToken'], 'ignore'> }
    | { idToken: 'ignore'; claimsOptions?: undefined }
  );

/** The option of a client that certainly does nothing beside another. */
type IdleIn<Options> =
  | (Options extends { pkce: 'off'; codeChallengeMethod: string } ? 'codeChallengeMethod' : never)
  | (Options extends { idToken: 'ignore'; claimsOptions: object } ? 'claimsOptions' : never);

/** Options of a client that speaks OAuth 2. */
export type OAuth2ClientOptions = Only<OAuth2OptionName> & NotIdle;

/** A name that is no preset's of another protocol. */
export type OAuth2Name<N> = N extends OAuth1PresetName | OpenID2PresetName ? never : unknown;

/** The clients of one object, each as {@link Registry.register} would type it. */
export type ClientsOf<Clients extends ClientTypes, Given> = {
  readonly [N in keyof Given]: Clients[ProtocolOf<N, Given[N]>];
};

/** The protocol that options select, as far as their type says. */
export type ProtocolOf<N, Options> = Options extends
  { requestTokenUrl: string | URL } | { preset: OAuth1PresetName }
  ? 'oauth1'
  : Options extends { openid2Endpoint: string | URL } | { preset: OpenID2PresetName }
    ? 'openid2'
    : Options extends GivenOptions & Unplaced
      ? ProtocolOfPreset<N>
      : 'oauth2';

type ProtocolOfPreset<N> = N extends OAuth1PresetName
  ? 'oauth1'
  : N extends OpenID2PresetName
    ? 'openid2'
    : 'oauth2';

/** The names of options that a protocol has. */
interface NamesOf {
  oauth1: OAuth1OptionName;
  oauth2: OAuth2OptionName;
  openid2: OpenID2OptionName;
}

/** The names among an object's that are certainly given, and that its protocol does not have. */
type ForeignIn<Options, P extends Protocol> = {
  [Name in Exclude<keyof Options, NamesOf[P]>]: Name extends keyof RegisterOptions
    ? undefined extends Options[Name]
      ? never
      : Name
    : Name;
}[Exclude<keyof Options, NamesOf[P]>];

/**
 * Refuses options that a client's protocol does not have, and names that no option has. Types that leave
 * open whether an option is there, such as `RegisterOptions`, pass: `register()` itself looks.
 */
export type KnownOptions<N, Options> = [RefusedIn<N, Options>] extends [never]
  ? unknown
  : { readonly [Name in RefusedIn<N, Options>]: never };

/** The names among an object's that a client of that name must not have. */
type RefusedIn<N, Options> = ForeignIn<Options, ProtocolOf<N, Options>> | IdleIn<Options>;

/** The same for an object with the options of each client. */
export type AllKnownOptions<Given> = {
  readonly [N in keyof Given]: KnownOptions<N, Given[N]>;
};
