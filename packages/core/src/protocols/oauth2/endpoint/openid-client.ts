import * as openid from 'openid-client';
import type { ProtocolContext } from './context.js';

type TokenFetch = (
  url: string,
  request: { headers: Headers; body: URLSearchParams },
) => Promise<Response>;

/** A configuration of openid-client for one call, so that the call's own fetch belongs to it alone. */
export function configure(
  { options, metadata }: ProtocolContext,
  tokenFetch: TokenFetch | undefined,
): openid.Configuration {
  const configuration = new openid.Configuration(
    {
      // Never compared: the callback's `iss` is checked before, and the id_token after.
      issuer: metadata.issuer ?? 'https://issuer.invalid',
      ...(metadata.authorization_endpoint
        ? { authorization_endpoint: metadata.authorization_endpoint }
        : {}),
      ...(metadata.token_endpoint ? { token_endpoint: metadata.token_endpoint } : {}),
    },
    options.clientId ?? '',
    {},
    // `postForm` authenticates, anew for every attempt.
    () => undefined,
  );
  // http.ts decides what is insecure, and knows about loopback.
  openid.allowInsecureRequests(configuration);
  // http.ts has the deadline too; openid-client's own would keep every request in memory for 30 s.
  configuration.timeout = 0;
  if (tokenFetch) {
    configuration[openid.customFetch] = (url, { headers: given, body }) => {
      const headers = new Headers(given);
      // http.ts names the client, the same in every request.
      headers.delete('user-agent');
      const form = body instanceof URLSearchParams ? body : new URLSearchParams();
      return tokenFetch(url, { headers, body: form });
    };
  }
  return configuration;
}
