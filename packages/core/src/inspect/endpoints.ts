import { resolveRedirectUri } from '../client/api-request.js';
import { withoutUndefined } from '../platform/encoding.js';
import { createHttp } from '../platform/http/http.js';
import { failure, speaksOAuth2, type ClientUnderTest, type Finding } from './finding.js';

/** Checks that the endpoints which a browser and the profile use are there, and know the redirect URI. */
export async function checkEndpoints(subject: ClientUnderTest): Promise<Finding[]> {
  const { grantType, resource, clientId } = subject.options;
  // A client that registers itself does so at its first login.
  const isRegistered = resource === undefined || clientId !== undefined;
  if (!speaksOAuth2(subject.client) || grantType !== undefined || !isRegistered) return [];
  return [...(await authorization(subject)), ...(await userinfo(subject))];
}

/** Opens the authorization URL as a browser without a session. */
async function authorization(subject: ClientUnderTest): Promise<Finding[]> {
  const { client, path, registry } = subject;
  const check = 'authorization endpoint';
  const redirectUri = resolveRedirectUri(path, registry.baseUrl);
  if (redirectUri === undefined) return [];
  try {
    const { url } = await client.createAuthorizationUrl(redirectUri);
    const { status, location } = await visit(subject, url);
    if (status === 404) {
      const text = 'not found (HTTP 404). Check "authorizeUrl"';
      return [{ level: 'error', check, text }];
    }
    const back = location?.href.startsWith(redirectUri) === true ? location : undefined;
    const error = back?.searchParams.get('error');
    if (error) {
      const text = `responds with the error "${error.replaceAll(/[^\w-]/g, '?').slice(0, 60)}". Check "scope" and the settings of the client at the provider`;
      return [{ level: 'error', check, text }];
    }
    if (status >= 400 && status < 500) {
      const text =
        `rejects the login (HTTP ${status}). Register exactly ${redirectUri} as a redirect URI there, and check ` +
        '"clientId" and "scope"';
      return [{ level: 'error', check, text }];
    }
    return [{ level: 'ok', check, text: 'accepts the login request' }];
  } catch (error) {
    return [{ ...failure(check, error), level: 'warning' }];
  }
}

/** Requests the profile without a token, which an endpoint that is there refuses. */
async function userinfo(subject: ClientUnderTest): Promise<Finding[]> {
  const { options, metadata } = subject;
  const check = 'userinfo endpoint';
  const url = options.userinfoEndpoint ?? metadata['userinfo_endpoint'];
  if (typeof url !== 'string' || url.includes('{')) return [];
  try {
    const { status } = await visit(subject, url);
    if (status !== 404) return [];
    return [{ level: 'error', check, text: 'not found (HTTP 404). Check "userinfoEndpoint"' }];
  } catch (error) {
    return [{ ...failure(check, error), level: 'warning' }];
  }
}

async function visit(
  { options, registry }: ClientUnderTest,
  url: string,
): Promise<{ status: number; location: URL | undefined }> {
  const { fetch, timeout, userAgent } = options;
  const http = createHttp({ ...registry, ...withoutUndefined({ fetch, timeout, userAgent }) });
  const response = await http.sendResource({ what: 'provider', url });
  await response.body?.cancel();
  const to = response.headers.get('location');
  const location = to !== null && URL.canParse(to, url) ? new URL(to, url) : undefined;
  return { status: response.status, location };
}
