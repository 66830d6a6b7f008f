import { OAuthError } from '../../model/errors.js';
import { isIssuerUrl } from '../../platform/issuer-url.js';
import type { ServerTools } from '../../options/server-locator.js';
import { readJsonDocument, requestDocument } from '../hooks/documents.js';
import { findLink } from './link-relations.js';

/** The server declared by a home page. */
export interface IndieAuthServer {
  /** The URL of the page after redirects. */
  page: string;
  authorizationEndpoint: string;
  tokenEndpoint: string | undefined;
  revocationEndpoint: string | undefined;
  /** The Micropub endpoint ({@link https://micropub.spec.indieweb.org/}). */
  micropub: string | undefined;
  /** Absent for older servers without metadata. */
  issuer: string | undefined;
  /** Whether authorization responses always have `iss`. */
  namesIssuer: boolean;
}

/**
 * Discovers the server of a home page: from its metadata, or else from links to its endpoints.
 *
 * @throws OAuthError `invalid_server` if the page declares none, `invalid_metadata`
 */
export async function discoverServer(url: string, tools: ServerTools): Promise<IndieAuthServer> {
  const page = await tools.request({
    what: 'home page',
    url,
    redirects: 5,
    headers: { accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1' },
  });
  if (page.status < 200 || page.status > 299) {
    throw new OAuthError(
      'invalid_server',
      `The home page could not be loaded (HTTP ${page.status}). Ask the user to check the ` +
        'URL.',
      { providerStatus: page.status },
    );
  }
  const micropub = findLink(page, 'micropub');
  const metadata = findLink(page, 'indieauth-metadata');
  if (metadata) return { page: page.url, micropub, ...(await readMetadata(metadata, tools)) };
  const authorizationEndpoint = findLink(page, 'authorization_endpoint');
  if (authorizationEndpoint === undefined) {
    throw new OAuthError(
      'invalid_server',
      'The home page declares no IndieAuth server: it has no link with ' +
        'rel="indieauth-metadata". Ask the user for another URL.',
    );
  }
  return {
    page: page.url,
    micropub,
    authorizationEndpoint,
    tokenEndpoint: findLink(page, 'token_endpoint'),
    revocationEndpoint: undefined,
    issuer: undefined,
    namesIssuer: false,
  };
}

const what = 'IndieAuth metadata';

/** IndieAuth §4.1.1. */
async function readMetadata(
  url: string,
  tools: ServerTools,
): Promise<Omit<IndieAuthServer, 'page' | 'micropub'>> {
  const document = readJsonDocument(await requestDocument(tools, { what, url }), what);
  const { issuer } = document;
  if (!isIssuerUrl(issuer) || !isAbove(issuer, url)) {
    throw new OAuthError(
      'mismatching_issuer',
      `The "issuer" of the ${what} is not a plain URL, or not a prefix of the metadata URL ` +
        '(IndieAuth §4.1.1). Ask the user for another URL.',
    );
  }
  const authorizationEndpoint = endpoint(document, 'authorization_endpoint');
  if (authorizationEndpoint === undefined) {
    throw new OAuthError(
      'invalid_metadata',
      `The ${what} has no "authorization_endpoint". Ask the user for another URL.`,
    );
  }
  return {
    authorizationEndpoint,
    tokenEndpoint: endpoint(document, 'token_endpoint'),
    revocationEndpoint: endpoint(document, 'revocation_endpoint'),
    issuer,
    namesIssuer: document['authorization_response_iss_parameter_supported'] === true,
  };
}

/**
 * Compares whole segments, so that `https://a.example` is not a prefix of
 * `https://a.example.evil.example/`.
 */
function isAbove(issuer: string, url: string): boolean {
  const above = new URL(issuer);
  const below = new URL(url);
  const path = above.pathname.replace(/\/$/, '');
  const within = below.pathname === above.pathname || below.pathname.startsWith(`${path}/`);
  return above.origin === below.origin && within;
}

function endpoint(document: Record<string, unknown>, field: string): string | undefined {
  const { [field]: url } = document;
  if (url === undefined || url === null) return undefined;
  if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new OAuthError(
    'invalid_metadata',
    `The "${field}" of the ${what} is not an https URL. Ask the user for another URL.`,
  );
}
