import { func, functions, must, url, type Check } from '../checks.js';
import { isObject } from '../encoding.js';
import type { ProtectedResourceRegisterOptions } from '../option-types/protected-resource.js';

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

const noFragment = 'must not have a fragment (RFC 9728 §1.2)';
