import { OAuthError } from '../../model/errors.js';
import { documentLimit } from '../../platform/http/http.js';
import { isIssuerUrl } from '../../platform/issuer-url.js';
import type { ServerTools } from '../../options/chosen-server-types.js';
import { readDocument } from '../hooks/documents.js';
import { findLink } from './link-relations.js';

/** What a home page says of its owner's server. */
export interface IndieAuthServer {
  /** Where the page was in the end, after redirects. */
  page: string;
  authorizationEndpoint: string;
  tokenEndpoint: string | undefined;
  revocationEndpoint: string | undefined;
  /** Where the owner's posts are created ({@link https://micropub.spec.indieweb.org/}). */
  micropub: string | undefined;
  /** Absent for servers of the time before they had metadata. */
  issuer: string | undefined;
  /** Whether answers of the authorization endpoint carry `iss`, always. */
  namesIssuer: boolean;
}

/**
 * Finds the server that a home page declares: in its metadata, else in links to its endpoints.
 *
 * @throws OAuthError `invalid_server` for a page that declares none, `invalid_metadata`
 * @see https://indieauth.spec.indieweb.org/#discovery-by-clients
 */
export async function discover(url: string, tools: ServerTools): Promise<IndieAuthServer> {
  const page = await tools.request({
    what: 'home page',
    url,
    redirects: 5,
    headers: { accept: 'text/html, application/xhtml+xml;q=0.9, */*;q=0.1' },
  });
  if (page.status < 200 || page.status > 299) {
    throw new OAuthError(
      'invalid_server',
      `The home page cannot be read (HTTP ${page.status}). Ask the person to check its address.`,
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
      'The home page names no IndieAuth server: it has no link with rel="indieauth-metadata".',
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
  const headers = { accept: 'application/json' };
  const document = readDocument(
    await tools.request({ what, url, headers, limit: documentLimit }),
    what,
  );
  const { issuer } = document;
  if (!isIssuerUrl(issuer) || !isAbove(issuer, url)) {
    throw new OAuthError(
      'mismatching_issuer',
      `The "issuer" of the ${what} is no plain URL, or not the beginning of its address (IndieAuth §4.1.1).`,
    );
  }
  const authorizationEndpoint = endpoint(document, 'authorization_endpoint');
  if (authorizationEndpoint === undefined) {
    throw new OAuthError('invalid_metadata', `The ${what} has no "authorization_endpoint".`);
  }
  return {
    authorizationEndpoint,
    tokenEndpoint: endpoint(document, 'token_endpoint'),
    revocationEndpoint: endpoint(document, 'revocation_endpoint'),
    issuer,
    namesIssuer: document['authorization_response_iss_parameter_supported'] === true,
  };
}

/** A prefix by segments, so that `https://a.example` is none of `https://a.example.evil.example/`. */
function isAbove(issuer: string, address: string): boolean {
  const above = new URL(issuer);
  const below = new URL(address);
  const path = above.pathname.replace(/\/$/, '');
  const within = below.pathname === above.pathname || below.pathname.startsWith(`${path}/`);
  return above.origin === below.origin && within;
}

function endpoint(document: Record<string, unknown>, field: string): string | undefined {
  const { [field]: url } = document;
  if (url === undefined || url === null) return undefined;
  if (typeof url === 'string' && /^https?:\/\//i.test(url) && URL.canParse(url)) return url;
  throw new OAuthError('invalid_metadata', `The "${field}" of the ${what} is not an https URL.`);
}
