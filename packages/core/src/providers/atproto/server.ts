import { OAuthError } from '../../model/errors.js';
import type { ServerTools } from '../../options/server-locator.js';
import { isOrigin, readJsonDocument, requestDocument } from '../hooks/documents.js';

type Document = Record<string, unknown>;

const resourceMetadata = 'protected resource metadata';

/**
 * Returns the authorization server of a personal data server. `otherwise` is the result for a host
 * that has no such metadata.
 *
 * @throws OAuthError `invalid_metadata`
 * @see https://atproto.com/specs/oauth#server-metadata
 */
export async function fetchIssuer(
  pds: string,
  tools: ServerTools,
  otherwise?: string,
): Promise<string> {
  const url = `${pds}/.well-known/oauth-protected-resource`;
  const response = await requestDocument(tools, { what: resourceMetadata, url });
  const { status } = response;
  if (otherwise !== undefined && status >= 400 && status <= 499) return otherwise;
  return resourceIssuer(readJsonDocument(response, resourceMetadata), pds);
}

/**
 * Returns the issuer (RFC 9728 §3.3). The protocol allows only one authorization server, without a
 * path.
 */
function resourceIssuer(document: Document, pds: string): string {
  const { resource, authorization_servers: servers } = document;
  const [issuer] = Array.isArray(servers) && servers.length === 1 ? servers : [];
  const own = isOrigin(resource) && new URL(resource).origin === pds;
  if (own && isOrigin(issuer)) return new URL(issuer).origin;
  throw new OAuthError(
    'invalid_metadata',
    `The ${resourceMetadata} has another "resource", or does not have exactly one ` +
      'authorization server. Ask the user for another server.',
  );
}

/**
 * Validates that an authorization server follows the protocol. Values that the engine validates in
 * the same document, such as the issuer, are not checked here.
 *
 * @throws OAuthError `invalid_metadata`
 * @see https://atproto.com/specs/oauth#server-metadata
 */
export async function checkServer(issuer: string, tools: ServerTools): Promise<void> {
  const what = 'metadata document';
  const response = await requestDocument(tools, { what, url: metadataUrl(issuer) });
  const document = readJsonDocument(response, what);
  const broken = rules.find(([field, meets]) => !meets(document[field]));
  if (broken === undefined) return;
  throw new OAuthError(
    'invalid_metadata',
    `The authorization server violates the AT Protocol: see "${broken[0]}" in its metadata. Ask the ` +
      'user for another server.',
  );
}

/** Returns the metadata URL of an authorization server (RFC 8414 §3). */
export function metadataUrl(issuer: string): string {
  return `${issuer}/.well-known/oauth-authorization-server`;
}

const isJsonTrue = (value: unknown): boolean => value === true;
const includes =
  (wanted: string) =>
  (value: unknown): boolean =>
    Array.isArray(value) && value.includes(wanted);

const rules: readonly [field: string, meets: (value: unknown) => boolean][] = [
  ['scopes_supported', includes('atproto')],
  ['code_challenge_methods_supported', includes('S256')],
  ['dpop_signing_alg_values_supported', includes('ES256')],
  ['authorization_response_iss_parameter_supported', isJsonTrue],
  ['require_pushed_authorization_requests', isJsonTrue],
  ['client_id_metadata_document_supported', isJsonTrue],
];
