import { func, functions, must, url, type Check } from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import type { RegisterOptions } from './register-options.js';
import type { ProtectedResourceRegisterOptions } from './protected-resource-types.js';

export const protectedResourceChecks: Record<keyof ProtectedResourceRegisterOptions, Check> = {
  resource: (value) => url(value) ?? (String(value).includes('#') ? noFragment : undefined),
  clientIdMetadataUrl: must(
    (v) => url(v) === undefined && !/#|^https?:\/\/[^/]+\/?$/.test(String(v)),
    'must be an https URL with a path and without a fragment',
  ),
  clientMetadata: must(isObject, 'must be an object'),
  clientRegistrations: must(
    (v) => isObject(v) && functions({ get: v['get'], put: v['put'] }) === undefined,
    'must be an object with get() and put()',
  ),
  chooseAuthorizationServer: func,
};

/**
 * Requires an `issuer` for a client secret. The resource's own metadata names the authorization
 * server; without a configured issuer, that document would decide which server receives the secret.
 *
 * @see https://modelcontextprotocol.io/specification/2026-07-28/basic/authorization/client-registration
 */
export function protectedResourceProblem(options: Readonly<RegisterOptions>): string | undefined {
  const { resource, issuer, serverMetadataUrl, clientSecret, clientSecretJwt } = options;
  if (resource === undefined || (clientSecret ?? clientSecretJwt) === undefined) return undefined;
  if (issuer !== undefined || serverMetadataUrl !== undefined) return undefined;
  const secret = clientSecret === undefined ? 'clientSecretJwt' : 'clientSecret';
  return (
    `"${secret}" would be sent to any authorization server that the "resource" names. Give the "issuer" that ` +
    'the secret belongs to.'
  );
}

const noFragment = 'must not have a fragment (RFC 9728 §1.2)';
