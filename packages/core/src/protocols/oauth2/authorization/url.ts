import { buildAuthorizationUrl } from 'openid-client';
import { requireEndpoint } from '../discovery/metadata.js';
import type { ProtocolContext } from '../endpoint/context.js';
import { configurationOf } from '../endpoint/openid-client.js';

/** Builds the URL of an authorization request (RFC 6749 §4.1.1). */
export function authorizationUrl(context: ProtocolContext, params: URLSearchParams): URL {
  authorizationEndpoint(context);
  return buildAuthorizationUrl(configurationOf(context), params);
}

/** Returns the authorization endpoint. Throws unless it is https, or http on loopback. */
export function authorizationEndpoint(context: ProtocolContext): URL {
  const endpoint = requireEndpoint(context, 'authorization_endpoint', 'authorizeUrl');
  return context.http.check(endpoint, 'authorization endpoint');
}
