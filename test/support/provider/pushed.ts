import { json, oauthError, type ProviderResponse } from './response.js';
import { findProblem, isAllowed } from './authorize.js';
import { refuseClient } from './client-auth.js';
import type { ProviderRequest } from './log.js';
import { readParameters } from './request-object.js';
import { refuseForm } from './token.js';
import { now, randomToken, type World } from './world.js';

/** Seconds for which a pushed request is valid. */
const lifetime = 60;

const clientAuthFields = ['client_assertion', 'client_assertion_type', 'client_secret'];

/** Handles the pushed authorization request endpoint (RFC 9126 §2.1, §2.2). */
export async function pushedRequest(
  world: World,
  request: ProviderRequest,
): Promise<ProviderResponse> {
  const rejection = refuseForm(request) ?? (await refuseClient(world, request));
  if (rejection) return rejection;
  const form = new URLSearchParams(request.form);
  for (const name of clientAuthFields) form.delete(name);
  if (form.has('request_uri')) return oauthError('invalid_request', 'A request_uri is pushed.');
  const params = form.has('request') ? await readPushedObject(world, form) : form;
  if ('refused' in params) return oauthError('invalid_request_object', params.refused);
  if (params.get('client_id') !== world.settings.clientId)
    return oauthError('invalid_request', 'Another client_id, or none.');
  if (!isAllowed(params.get('redirect_uri') ?? '', world.settings.redirectUris))
    return oauthError('invalid_request', 'Unknown redirect_uri.');
  const problem = findProblem(world, params);
  if (problem) return oauthError(problem['error'] ?? '', problem['error_description'] ?? '');
  const uri = `urn:ietf:params:oauth:request_uri:${randomToken('par')}`;
  world.pushed.set(uri, { params, expiresAt: now() + lifetime });
  return json({ request_uri: uri, expires_in: lifetime }, 201);
}

/** RFC 9126 §3: all parameters are in the object; only `client_id` may be beside it. */
async function readPushedObject(
  world: World,
  form: URLSearchParams,
): Promise<URLSearchParams | { refused: string }> {
  const beside = [...form.keys()].filter((name) => name !== 'request' && name !== 'client_id');
  if (beside.length > 0) return { refused: `${beside[0]} stands beside the request object.` };
  return await readParameters(
    { ...world, settings: { ...world.settings, pushedOnly: false } },
    form,
    { pushed: true },
  );
}
