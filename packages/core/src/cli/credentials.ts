import { randomToken } from '../platform/crypto.js';
import { OAuthError } from '../model/errors.js';
import { resolveRedirectUri } from '../client/api-request.js';
import type { AuthorizeData } from '../model/types.js';
import { failure, speaksOAuth2, type Finding, type Patient } from './finding.js';

const check = 'client authentication';

/** Checks that the provider knows the client and its secret, without anybody logging in. */
export async function examineCredentials(patient: Patient): Promise<Finding> {
  const { client, path, options, registry } = patient;
  if (options.resource !== undefined && options.clientId === undefined) return register(patient);
  if (options.openid2Endpoint !== undefined) {
    return { level: 'ok', check, text: 'not checked: OpenID 2.0 clients have no credentials' };
  }
  if (options.grantType === 'client_credentials') return await examineOwnToken(patient);
  const redirectUri = resolveRedirectUri(path, registry.baseUrl) ?? 'http://127.0.0.1/callback';
  try {
    // OAuth 1 asks for temporary credentials here, and PAR pushes: both show who the client is.
    const request = await client.createAuthorizationUrl(redirectUri);
    if (!speaksOAuth2(client))
      return { level: 'ok', check, text: 'temporary credentials are granted' };
    await redeemNothing(patient, request);
  } catch (error) {
    return judge(error);
  }
  const text = 'a code that was never issued was accepted. Check "accessTokenUrl"';
  return { level: 'warning', check, text };
}

/** A client without an id has to become known to its server somehow. */
function register({ options, metadata }: Patient): Finding {
  const { clientIdMetadataUrl, clientRegistrations } = options;
  const documents = metadata['client_id_metadata_document_supported'] === true;
  if (clientIdMetadataUrl !== undefined && documents) {
    return { level: 'ok', check, text: 'the server reads the document of the client' };
  }
  if (typeof metadata['registration_endpoint'] === 'string' || clientRegistrations) {
    return { level: 'ok', check, text: 'the client registers itself at its first login' };
  }
  const text =
    'the server registers nobody by itself. Register the client there, and give its "clientId"';
  return { level: 'error', check, text };
}

/** A client that acts for itself shows who it is by getting its own token. */
async function examineOwnToken({ client }: Patient): Promise<Finding> {
  try {
    if (speaksOAuth2(client)) await client.clientCredentialsToken({}, { fresh: true });
    return { level: 'ok', check, text: 'accepted: the client gets a token of its own' };
  } catch (error) {
    return judge(error, 'client credentials');
  }
}

/** Asks for the token of a code that was never issued: who is refused for the code has been recognised. */
async function redeemNothing({ client, metadata }: Patient, request: AuthorizeData): Promise<void> {
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
      `the provider does not accept the client (${error.error ?? status}). Check "clientId", "clientSecret" ` +
      'and "tokenEndpointAuthMethod", and whether the secret has expired';
    return { level: 'error', check, text };
  }
  if (code === 'unauthorized_client') {
    const text = `the client may not use ${grant}. Allow it in the provider’s settings of the client`;
    return { level: 'error', check, text };
  }
  const refused = error.error !== undefined && status !== undefined && status < 500;
  if (!refused) return failure(check, error);
  if (grant !== 'authorization codes') return failure(check, error);
  const text = `cannot be told from the answer "${error.error}" to a code that was never issued. Try a login`;
  return { level: 'warning', check, text };
}
