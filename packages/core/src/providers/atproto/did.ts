import { isObject } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type { ServerTools } from '../../options/server-locator.js';
import { isHandle, type Did } from './names.js';
import { isOrigin, readJsonDocument, requestDocument } from '../hooks/documents.js';

/** An account, as described by its DID document. */
export interface AtprotoAccount {
  did: Did;
  /** The claimed handle; unverified until the handle resolves to the DID. */
  handle: string | undefined;
  /** The origin of its personal data server. */
  pds: string;
}

/**
 * Loads a DID document.
 *
 * @param directory the URL of did:plc documents
 * @throws OAuthError `invalid_server` for an unknown DID, `invalid_metadata` for an invalid document
 */
export async function resolveDid(
  did: Did,
  directory: string,
  tools: ServerTools,
): Promise<AtprotoAccount> {
  const what = 'DID document';
  const headers = { accept: 'application/did+ld+json, application/json' };
  const url = documentUrl(did, directory);
  const response = await requestDocument(tools, { what, url, headers });
  if (response.status === 404 || response.status === 410) {
    throw new OAuthError(
      'invalid_server',
      'There is no account with this DID. Ask the user to check it.',
    );
  }
  const document = readJsonDocument(response, what);
  const pds = objectsIn(document['service']).find((service) => isPds(service, did));
  const endpoint = pds?.['serviceEndpoint'];
  if (document['id'] !== did || !isOrigin(endpoint)) {
    throw new OAuthError(
      'invalid_metadata',
      'The DID document has another "id", or no personal data server, so the account is unusable. Ask ' +
        'the user for another one.',
    );
  }
  return { did, handle: handleIn(document['alsoKnownAs']), pds: new URL(endpoint).origin };
}

function documentUrl(did: string, directory: string): string {
  if (did.startsWith('did:plc:')) return `${directory.replace(/\/$/, '')}/${did}`;
  const host = decodeURIComponent(did.slice('did:web:'.length));
  // Plain http is only for localhost, which requires `allowPrivateNetworks`.
  return `${/^localhost(:|$)/.test(host) ? 'http' : 'https'}://${host}/.well-known/did.json`;
}

/** Returns the first handle. Others are ignored. */
function handleIn(names: unknown): string | undefined {
  return (Array.isArray(names) ? names : [])
    .map((name) =>
      /^at:\/\/([^/?#]+)$/.exec(typeof name === 'string' ? name : '')?.[1]?.toLowerCase(),
    )
    .find((name) => name !== undefined && isHandle(name));
}

function objectsIn(value: unknown): Record<string, unknown>[] {
  return Array.isArray(value) ? value.filter((item) => isObject(item)) : [];
}

function isPds({ id, type }: Record<string, unknown>, did: string): boolean {
  const named = id === '#atproto_pds' || id === `${did}#atproto_pds`;
  return named && type === 'AtprotoPersonalDataServer';
}
