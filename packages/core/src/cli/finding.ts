import type { FrameworkClient } from '../client/client.js';
import { OAuthError } from '../model/errors.js';
import type { OAuth2Client } from '../index.js';
import type { ServerMetadata } from '../protocols/oauth2/discovery/metadata.js';
import type { RegisterOptions } from '../options/register-options.js';
import type { RegistryOptions } from '../options/read-registry-options.js';

/** What one check has found. */
export interface Finding {
  level: 'ok' | 'warning' | 'error';
  /** What was checked. */
  check: string;
  /** What was seen, and what to change. */
  text: string;
}

/** What the checks of one client look at. */
export interface Patient {
  client: FrameworkClient;
  /** Where its callbacks arrive, below the `baseUrl`. */
  path: string;
  options: Readonly<RegisterOptions>;
  registry: Readonly<RegistryOptions>;
  /** What the provider says about itself; nothing for OAuth 1.0a. */
  metadata: ServerMetadata;
}

/** Whether a client has the verbs of OAuth 2. */
export function speaksOAuth2(client: object): client is OAuth2Client {
  return 'loadServerMetadata' in client;
}

/** Tells what went wrong, in the error's own words, which say what to do. */
export function failure(check: string, error: unknown): Finding {
  if (!(error instanceof OAuthError)) throw error;
  return { level: 'error', check, text: `${error.code}: ${error.message}` };
}
