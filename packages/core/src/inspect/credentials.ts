import { randomToken } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { resolveRedirectUri } from '../client/api-request.js';
import type { AuthorizeData } from '../model/types.js';
import { failure, speaksOAuth2, type Finding, type ClientUnderTest } from './finding.js';

const check = 'client authentication';

/** Checks that the provider accepts the client and its secret, without a login. */
export async function checkCredentials(patient: ClientUnderTest): Promise<Finding> {
  const { client, path, options, registry } = patient;
  if (options.resource !== undefined && options.clientId === undefined) return register(patient);
  if (options.openid2Endpoint !== undefined) {
    return { level: 'ok', check, text: 'not checked: OpenID 2.0 clients have no credentials' };
  }
  if (options.grantType === 'client_credentials') return await examineOwnToken(patient);
  const redirectUri = resolveRedirectUri(path, registry.baseUrl) ?? 'http://127.0.0.1/callback';
  try {
    // The OAuth 1 request token request and PAR both authenticate the client.
    const request = await client.createAuthorizationUrl(redirectUri);
    if (!speaksOAuth2(client))
      return { level: 'ok', check, text: 'temporary credentials were issued' };
    await redeemNothing(patient, request);
  } catch (error) {
    return judge(error);
  }
  const text = 'the provider accepted a code that was never issued. Check "accessTokenUrl"';
  return { level: 'warning', check, text };
}

/** Checks that a client without an id can register at its server. */
function register({ options, metadata }: ClientUnderTest): Finding {
  const { clientIdMetadataUrl, clientRegistrations } = options;
  const documents = metadata['client_id_metadata_document_supported'] === true;
  if (clientIdMetadataUrl !== undefined && documents) {
    return { level: 'ok', check, text: 'the server supports client metadata documents' };
  }
  if (typeof metadata['registration_endpoint'] === 'string' || clientRegistrations) {
    return { level: 'ok', check, text: 'the client registers dynamically at its first login' };
  }
  const text =
    'the server has no dynamic registration. Register the client there, and set "clientId"';
  return { level: 'error', check, text };
}

/** Checks a client credentials client by requesting its token. */
async function examineOwnToken({ client }: ClientUnderTest): Promise<Finding> {
  try {
    if (speaksOAuth2(client)) await client.clientCredentialsToken({}, { fresh: true });
    return { level: 'ok', check, text: 'accepted: the client got its own token' };
  } catch (error) {
    return judge(error, 'client credentials');
  }
}

/**
 * Requests a token with a code that was never issued: if only the code is rejected, the client was
 * authenticated.
 */
async function redeemNothing(
  { client, metadata }: ClientUnderTest,
  request: AuthorizeData,
): Promise<void> {
  const { formPost: _f, fragment: _a, jarm: _j, responseType: _r, ...data } = request;
  const { issuer } = metadata;
  const params = {
    code: `never-issued-${randomToken()}`,
    state: data.state,
    ...(issuer === undefined ? {} : { iss: issuer }),
  };
  await client.fetchAccessToken(params, data);
}

function judge(error: unknown, grant = 'authorization codes'): Finding {
  if (!(error instanceof OAuthError)) throw error;
  const { code, providerStatus: status } = error;
  if (code === 'invalid_grant') return { level: 'ok', check, text: 'accepted' };
  if (code === 'invalid_client' || status === 401) {
    const text =
      `the provider rejected the client (${error.error ?? status}). Check "clientId", ` +
      '"clientSecret" and "tokenEndpointAuthMethod", and whether the secret has expired';
    return { level: 'error', check, text };
  }
  if (status === 404 || status === 405) {
    const text = `the token endpoint is not there (HTTP ${status}). Check "accessTokenUrl"`;
    return { level: 'error', check, text };
  }
  if (code === 'unauthorized_client') {
    const text =
      `the client is not allowed to use ${grant}. Enable it in the client settings at the ` +
      'provider';
    return { level: 'error', check, text };
  }
  const refused = error.error !== undefined && status !== undefined && status < 500;
  if (!refused) return failure(check, error);
  if (grant !== 'authorization codes') return failure(check, error);
  const text =
    `the error "${error.error}", for a code that was never issued, does not show whether ` +
    'they are valid. Try a login';
  return { level: 'warning', check, text };
}
