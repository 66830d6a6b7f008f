import { errorResponseCode } from '../../../model/error-codes.js';
import { OAuthError } from '../../../model/errors.js';
import type { QuirkOptions } from '../../../quirks/types.js';
import { secretParams, redactErrorFields } from '../../../platform/http/sent-secrets.js';
import { matchErrorRule } from '../../../quirks/error-rules.js';
import type { ResponseType } from '../../../model/types.js';
import type { RegisterOptions } from '../../../options/register-options.js';
import { acceptsIssuer } from '../../../platform/issuer.js';
import type { ServerMetadata } from '../discovery/metadata.js';
import { partsOf } from './response-type.js';

/** Parameters of an authorization response, each allowed at most once (RFC 6749 §3.1). */
const single = [
  'code',
  'state',
  'iss',
  'error',
  'error_description',
  'error_uri',
  'id_token',
  'access_token',
  'token_type',
  'expires_in',
  'scope',
];

/**
 * Returns the parameters of response types and modes that were not requested. Unknown names are
 * ignored.
 */
function foreignTo(responseType: ResponseType | undefined): string[] {
  const parts = partsOf(responseType);
  return [
    'response',
    ...(parts.code ? [] : ['code']),
    ...(parts.idToken ? [] : ['id_token']),
    ...(parts.token ? [] : ['access_token']),
  ];
}

/** Reads `state` if it occurs exactly once and is not empty. */
export function readState(params: URLSearchParams): string | undefined {
  const states = params.getAll('state');
  return states.length === 1 && states[0] !== '' ? states[0] : undefined;
}

/**
 * Rejects an authorization response with repeated parameters or parameters of another response
 * type.
 */
export function checkShape(params: URLSearchParams, responseType?: ResponseType): void {
  const repeated = single.find((name) => params.getAll(name).length > 1);
  if (repeated) {
    throw new OAuthError(
      'invalid_callback',
      `The callback has "${repeated}" more than once (RFC 6749 §3.1). Log in again.`,
    );
  }
  const unexpected = foreignTo(responseType).find((name) => params.has(name));
  if (unexpected) {
    throw new OAuthError(
      'invalid_callback',
      `The callback has "${unexpected}", which is not part of a ${responseType ?? 'code'} ` +
        'response. Log in again.',
    );
  }
}

/**
 * Rejects an authorization response of another provider. If the issuer is unknown, `iss` is
 * ignored.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4
 */
export function checkResponseIssuer(
  params: URLSearchParams,
  metadata: ServerMetadata,
  options: Pick<RegisterOptions, 'issuer' | 'tenants'> & { inIdToken?: boolean } = {},
): void {
  const { issuer } = metadata;
  const received = params.get('iss');
  const unknown = issuer === undefined && options.issuer === undefined;
  // RFC 9207 §2 allows the id_token of the same response to name the issuer; it is verified next.
  const promised =
    metadata['authorization_response_iss_parameter_supported'] === true &&
    options.inIdToken !== true;
  if (received === null ? !promised : unknown || acceptsIssuer(options, metadata, received)) return;
  const seen = received === null ? 'no "iss", although the metadata announces it' : 'another "iss"';
  const expected = [options.issuer ?? issuer].flat().join('" or "');
  throw new OAuthError(
    'mismatching_issuer',
    `The callback has ${seen}; expected "${expected}" (RFC 9207 §2.4). No request was sent. ` +
      'If the provider changed its issuer, update the option "issuer".',
  );
}

/**
 * Throws if the authorization response is an error response.
 *
 * @see https://www.rfc-editor.org/rfc/rfc6749#section-4.1.2.1
 */
export function checkErrorResponse(params: URLSearchParams, rules?: QuirkOptions['errors']): void {
  const ruled = matchErrorRule(rules, 'callback', Object.fromEntries(params));
  const found = typeof ruled === 'object' ? ruled : undefined;
  // RFC 6749 §3.1: a parameter without a value is treated as omitted.
  const error = found?.error ?? (params.get('error') || undefined);
  if (found === undefined && error === undefined) return;
  const code = errorResponseCode(found?.code ?? error);
  const message =
    code === 'access_denied'
      ? 'The user or the provider denied access. Offer to log in again.'
      : 'The provider rejected the authorization ' +
        `request${code === 'provider_refused' ? '' : ` with "${code}"`}. See error.error and ` +
        "error.error_description for the provider's reason.";
  const words = {
    error,
    error_description: found?.error_description ?? params.get('error_description') ?? undefined,
    error_uri: params.get('error_uri') ?? undefined,
  };
  const secrets = [...secretParams(params), params.get('state') ?? ''];
  throw new OAuthError(code, message, redactErrorFields(words, secrets));
}
