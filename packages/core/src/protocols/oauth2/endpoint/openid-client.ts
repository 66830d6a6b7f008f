import * as openid from 'openid-client';
import type { ProtocolContext } from './context.js';

type TokenFetch = (
  url: string,
  request: { headers: Headers; body: URLSearchParams },
) => Promise<Response>;

/** Creates an openid-client configuration for one call, with its own fetch. */
export function configure(
  { options, metadata }: ProtocolContext,
  tokenFetch: TokenFetch | undefined,
): openid.Configuration {
  const configuration = new openid.Configuration(
    {
      // Never compared: the callback's `iss` is validated before, and the id_token after.
      issuer: metadata.issuer ?? 'https://issuer.invalid',
      ...(metadata.authorization_endpoint
        ? { authorization_endpoint: metadata.authorization_endpoint }
        : {}),
      ...(metadata.token_endpoint ? { token_endpoint: metadata.token_endpoint } : {}),
    },
    options.clientId ?? '',
    {},
    // `postForm` authenticates each attempt.
    () => undefined,
  );
  // http.ts rejects insecure URLs, with an exception for loopback.
  openid.allowInsecureRequests(configuration);
  // http.ts has its own timeout; that of openid-client would hold every request in memory for 30 s.
  configuration.timeout = 0;
  if (tokenFetch) {
    configuration[openid.customFetch] = (url, { headers: given, body }) => {
      const headers = new Headers(given);
      // http.ts sets the same user agent for every request.
      headers.delete('user-agent');
      const form = body instanceof URLSearchParams ? body : new URLSearchParams();
      return tokenFetch(url, { headers, body: form });
    };
  }
  return configuration;
}
