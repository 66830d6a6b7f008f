import { buildAuthorizationUrl } from 'openid-client';
import { requireEndpoint, type ProtocolContext } from '../endpoint/context.js';
import { configure } from '../endpoint/openid-client.js';

/** Builds the URL of an authorization request (RFC 6749 §4.1.1). */
export function authorizationUrl(context: ProtocolContext, params: URLSearchParams): URL {
  const endpoint = requireEndpoint(context, 'authorization_endpoint', 'authorizeUrl');
  context.http.check(endpoint, 'authorization endpoint');
  return buildAuthorizationUrl(configure(context, undefined), params);
}
