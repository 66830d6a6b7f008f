import type { RegisterOptions } from './option-types.js';
import type { OAuth1PresetName, OpenID2PresetName } from './providers/by-name.js';

/** The client types of an integration: for each protocol, and for a client known only by name. */
export interface ClientTypes {
  oauth1: object;
  oauth2: object;
  openid2: object;
  any: object;
}

/** Options that say nothing about where the provider is, so that a preset says it. */
export type OptionsOfPreset = RegisterOptions & {
  preset?: undefined;
  authorizeUrl?: undefined;
  accessTokenUrl?: undefined;
  serverMetadataUrl?: undefined;
  issuer?: undefined;
  openid2Endpoint?: undefined;
};

/** Options of a client that speaks OAuth 1.0a. */
export type OAuth1ClientOptions = RegisterOptions &
  ({ requestTokenUrl: string } | { preset: OAuth1PresetName });

/** Options of a client that speaks OpenID 2.0. */
export type OpenID2ClientOptions = RegisterOptions &
  ({ openid2Endpoint: string } | { preset: OpenID2PresetName });

/** The clients of one object, each as {@link Registry.register} would type it. */
export type ClientsOf<Clients extends ClientTypes, Given> = {
  readonly [N in keyof Given]: Clients[ProtocolOf<N, Given[N]>];
};

type ProtocolOf<N, Options> = Options extends OAuth1ClientOptions
  ? 'oauth1'
  : Options extends OpenID2ClientOptions
    ? 'openid2'
    : Options extends OptionsOfPreset
      ? ProtocolOfPreset<N>
      : 'oauth2';

type ProtocolOfPreset<N> = N extends OAuth1PresetName
  ? 'oauth1'
  : N extends OpenID2PresetName
    ? 'openid2'
    : 'oauth2';

/** Refuses names of options that there are not, as an argument of its own would be. */
export type KnownOptions<Given> = {
  readonly [N in keyof Given]: {
    readonly [Option in Exclude<keyof Given[N], keyof RegisterOptions>]: never;
  };
};
