import type { FrameworkClient } from '../client/client.js';
import { OAuthError } from '../model/errors.js';
import type { OAuth2Client } from '../registry/oauth.js';
import type { ServerMetadata } from '../protocols/oauth2/discovery/metadata.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { RegistryOptions } from '../options/read-registry-options.js';

/** The result of one check. */
export interface Finding {
  level: 'ok' | 'warning' | 'error';
  /** Name of the check. */
  check: string;
  /** The observation, and what to change. */
  text: string;
}

/** The client under test. */
export interface ClientUnderTest {
  client: FrameworkClient;
  /** The path of its callbacks below the `baseUrl`. */
  path: string;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** The provider's metadata; empty for OAuth 1.0a. */
  metadata: ServerMetadata;
}

/** Whether a client is an OAuth 2 client. */
export function speaksOAuth2(client: object): client is OAuth2Client {
  return 'loadServerMetadata' in client;
}

/** Creates a finding from an error, whose message says what to do. */
export function failure(check: string, error: unknown): Finding {
  if (!(error instanceof OAuthError)) throw error;
  return { level: 'error', check, text: `${error.code}: ${error.message}` };
}
