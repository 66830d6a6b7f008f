import type { Endpoint, ProviderRequest } from './log.js';
import type { World } from './world.js';

/** The URLs of the OAuth 1.0a endpoints. */
export interface OAuth1Endpoints {
  request: string;
  authorize: string;
  access: string;
  api: string;
}

const endpointNames = new Map<string, Endpoint>([
  ['/authorize', 'authorize'],
  ['/token', 'token'],
  ['/jwks', 'jwks'],
  ['/userinfo', 'userinfo'],
  ['/revoke', 'revoke'],
  ['/introspect', 'introspect'],
  ['/end_session', 'end_session'],
  ['/connect/register', 'register'],
  ['/connect/par', 'par'],
  ['/connect/backchannel', 'backchannel'],
  ['/oauth1/request', 'oauth1_request'],
  ['/oauth1/authorize', 'oauth1_authorize'],
  ['/oauth1/access', 'oauth1_access'],
]);

type Asked = Pick<ProviderRequest, 'path' | 'params'>;

/** Finds the endpoint that a request is for. */
export function endpointOf(world: World, { path, params }: Asked): Endpoint {
  const prefix = world.base.slice(world.origin.length);
  const wellKnown = '/.well-known/oauth-authorization-server';
  if (path === wellKnown + prefix || path === wellKnown + world.issuer.slice(world.origin.length))
    return 'metadata';
  if (!path.startsWith(prefix)) return 'unknown';
  const local = path.slice(prefix.length);
  if (local === '/.well-known/openid-configuration') return 'metadata';
  if (local.startsWith('/oauth1/api')) return 'oauth1_api';
  if (local === '/openid2') {
    const asks = params.get('openid.mode') === 'check_authentication';
    return asks ? 'openid2_check' : 'openid2_login';
  }
  if (local === '/api' || local.startsWith('/api/')) return 'api';
  return endpointNames.get(local) ?? 'unknown';
}

/** Returns the URLs of the OAuth 1.0a endpoints. */
export function oauth1Endpoints(base: string): OAuth1Endpoints {
  const at = (path: string) => `${base}/oauth1/${path}`;
  return {
    request: at('request'),
    authorize: at('authorize'),
    access: at('access'),
    api: at('api'),
  };
}
