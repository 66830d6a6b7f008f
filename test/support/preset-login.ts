import { readFileSync } from 'node:fs';
import { OAuth, type RegisterOptions, type Token } from '@oauth-registry/core';
import type { AuthorizationRequest, FrameworkClient } from '@oauth-registry/core/types';
import { byName } from '@oauth-registry/core/providers';
import { scriptedProvider, type Script, type ScriptedProvider } from './provider/index.js';
import { redirectUri } from './login.js';

/** What a provider answers, and who that is. */
export interface Sample extends Script {
  variables?: Record<string, string>;
  expect: Record<string, unknown>;
}

const file = new URL('../data/provider-samples.json', import.meta.url);

/** A sample of every provider. */
export const samples = JSON.parse(readFileSync(file, 'utf8')) as Record<string, Sample>;

export const clientSecret = 'secret';

/** What one provider needs to be told that no preset knows. */
const own: Record<string, RegisterOptions> = {
  ebay: { redirectUriAlias: 'Ada-App-PRD' },
  indieauth: {
    authorizeUrl: 'https://ada.example/auth',
    accessTokenUrl: 'https://ada.example/token',
  },
};

/** The options of a preset, with all that the provider needs to be told. */
export function described(name: string): RegisterOptions {
  const options = { clientId: 'app', clientSecret, ...own[name], ...samples[name]?.variables };
  return byName(name)(options);
}

/** A client and its provider. */
export interface Started {
  client: FrameworkClient;
  provider: ScriptedProvider;
  options: RegisterOptions;
}

/** Registers a preset, with a provider that answers by a script. */
export function start(name: string, script: Script, more: RegisterOptions = {}): Started {
  const options = { ...described(name), ...more };
  const provider = scriptedProvider(options, script);
  const oauth = new OAuth({ config: {}, fetch: provider.fetch }).register('it', options);
  return { client: oauth.createClient('it'), provider, options };
}

/** Logs somebody in. */
export async function login(
  name: string,
  script: Script,
  more: RegisterOptions = {},
): Promise<Started & { request: AuthorizationRequest; token: Token }> {
  const started = start(name, script, more);
  const request = await started.client.createAuthorizationUrl(redirectUri);
  const answer = started.provider.agree(request.url);
  const token = await started.client.fetchAccessToken(answer, request);
  return { ...started, request, token };
}
