import { createHash } from 'node:crypto';
import { form, json, page, redirect, type ProviderResponse } from './response.js';
import { escapeHtml } from './authorize.js';
import { isForm, type ProviderRequest } from './log.js';
import { credentialQuirks, oauth1CallbackQuirks } from './oauth1-quirks.js';
import {
  isSignatureRight,
  readOAuth1Params,
  valueOf,
  type OAuth1Params,
} from './oauth1-signature.js';
import type { Quirks } from './quirks.js';
import { echo } from './resource.js';
import { now, randomToken, type IssuedCredentials, type World } from './world.js';

/** Seconds that a timestamp may be off. */
const timestampTolerance = 300;

/** An error response, or the signed parameters. */
type Checked = ProviderResponse | { params: OAuth1Params };

/** Issues temporary credentials (RFC 5849 §2.1). */
export function oauth1Request(world: World, request: ProviderRequest): ProviderResponse {
  const checked = check(world, request);
  if (!('params' in checked)) return checked;
  const callback = valueOf(checked.params, 'oauth_callback');
  if (callback === undefined) return problem('parameter_absent', 'oauth_callback');
  if (callback !== 'oob' && !URL.canParse(callback)) return problem('parameter_rejected');
  const { name, secret } = newCredentials(world, 'rt');
  world.requestTokens.set(name, { secret, callback });
  return credentials(world.quirks.oauth1Request, {
    oauth_token: name,
    oauth_token_secret: secret,
    oauth_callback_confirmed: 'true',
  });
}

/** Handles `/oauth1/authorize`: the user agrees at once (RFC 5849 §2.2). */
export function oauth1Authorize(world: World, request: ProviderRequest): ProviderResponse {
  const name = request.params.get('oauth_token') ?? '';
  const issued = world.requestTokens.get(name);
  if (!issued || issued.verifier !== undefined) return page('<h1>Unknown request token</h1>', 400);
  const verifier = newCredentials(world, 'verifier').name;
  issued.verifier = verifier;
  if (issued.callback === 'oob') return page(`<p>Your code is <b>${escapeHtml(verifier)}</b>`);
  const params = new URLSearchParams({ oauth_token: name, oauth_verifier: verifier });
  const quirk = world.quirks.oauth1Callback;
  const change: ((params: URLSearchParams) => void) | undefined =
    typeof quirk === 'string' ? oauth1CallbackQuirks[quirk] : quirk;
  change?.(params);
  const separator = issued.callback.includes('?') ? '&' : '?';
  return redirect(issued.callback + separator + params.toString());
}

/** Trades temporary credentials for token credentials, once (RFC 5849 §2.3). */
export function oauth1Access(world: World, request: ProviderRequest): ProviderResponse {
  const checked = check(world, request, world.requestTokens);
  if (!('params' in checked)) return checked;
  const name = valueOf(checked.params, 'oauth_token') ?? '';
  const issued = world.requestTokens.get(name);
  world.requestTokens.delete(name);
  const verifier = valueOf(checked.params, 'oauth_verifier');
  if (!verifier) return problem('parameter_absent', 'oauth_verifier');
  if (issued?.verifier !== verifier) return problem('verifier_invalid');
  const fresh = newCredentials(world, 'token');
  world.tokenCredentials.set(fresh.name, { secret: fresh.secret, callback: '' });
  return credentials(world.quirks.oauth1Access, {
    oauth_token: fresh.name,
    oauth_token_secret: fresh.secret,
    user_id: String(world.settings.user['sub'] ?? ''),
    screen_name: String(world.settings.user['preferred_username'] ?? ''),
  });
}

/** Handles `/oauth1/api/…`: reports the request if it is signed with a token. */
export function oauth1Api(world: World, request: ProviderRequest): ProviderResponse {
  const checked = check(world, request, world.tokenCredentials);
  if (!('params' in checked)) return checked;
  const { placement, entries } = checked.params;
  const { user } = world.settings;
  return json({ ...echo(request), placement, oauth: Object.fromEntries(entries), user });
}

/** Checks everything that RFC 5849 §3.2 requires of a server; the token must be one of `known`. */
function check(
  world: World,
  request: ProviderRequest,
  known?: Map<string, IssuedCredentials>,
): Checked {
  const params = readOAuth1Params(request);
  if (!params) return problem('parameter_absent', 'oauth_signature');
  const rejection = refuseParams(world, request, params);
  if (rejection) return rejection;
  const name = valueOf(params, 'oauth_token');
  if (!known && name) return problem('token_rejected');
  const issued = known?.get(name ?? '');
  if (known && !issued) return problem('token_rejected');
  const { clientSecret, oauth1PublicKey: publicKey } = world.settings;
  const secrets = { clientSecret, publicKey, tokenSecret: issued?.secret ?? '' };
  if (!isSignatureRight(request, params, secrets)) return problem('signature_invalid');
  return refuseNonce(world, params) ?? { params };
}

function refuseParams(
  world: World,
  request: ProviderRequest,
  params: OAuth1Params,
): ProviderResponse | undefined {
  const names = params.entries.map(([name]) => name);
  if (new Set(names).size !== names.length) return problem('parameter_rejected');
  if (valueOf(params, 'oauth_consumer_key') !== world.settings.clientId)
    return problem('consumer_key_unknown');
  const method = valueOf(params, 'oauth_signature_method') ?? '';
  if (!world.settings.oauth1SignatureMethods.includes(method))
    return problem('signature_method_rejected');
  if ((valueOf(params, 'oauth_version') ?? '1.0') !== '1.0') return problem('version_rejected');
  const hash = valueOf(params, 'oauth_body_hash');
  if (hash === undefined) return undefined;
  const name = `sha${/SHA(256|512)$/.exec(method)?.[1] ?? 1}`;
  const right = createHash(name).update(request.body).digest('base64');
  return isForm(request.headers) || hash !== right ? problem('body_hash_invalid') : undefined;
}

/** Each nonce is valid once per timestamp and token; only PLAINTEXT needs none (RFC 5849 §3.3). */
function refuseNonce(world: World, params: OAuth1Params): ProviderResponse | undefined {
  const timestamp = valueOf(params, 'oauth_timestamp');
  const nonce = valueOf(params, 'oauth_nonce');
  const isPlain = valueOf(params, 'oauth_signature_method') === 'PLAINTEXT';
  if (isPlain && timestamp === undefined && nonce === undefined) return undefined;
  if (timestamp === undefined || !/^[1-9]\d*$/.test(timestamp)) return problem('timestamp_refused');
  if (Math.abs(Number(timestamp) - now()) > timestampTolerance) return problem('timestamp_refused');
  if (!nonce) return problem('parameter_absent', 'oauth_nonce');
  const key = JSON.stringify([timestamp, nonce, valueOf(params, 'oauth_token') ?? '']);
  if (world.oauth1Nonces.has(key)) return problem('nonce_used');
  world.oauth1Nonces.add(key);
  return undefined;
}

function newCredentials(world: World, prefix: string): { name: string; secret: string } {
  const odd = world.quirks.oauth1OddTokens ? ' &=+%/ü' : '';
  return { name: randomToken(prefix) + odd, secret: randomToken('secret') + odd };
}

function credentials(
  quirk: Quirks['oauth1Request'],
  fields: Record<string, string>,
): ProviderResponse {
  if (quirk === undefined) return form(fields);
  const make: (fields: Record<string, string>) => ProviderResponse =
    typeof quirk === 'function' ? quirk : credentialQuirks[quirk];
  return make(fields);
}

function problem(name: string, absent?: string): ProviderResponse {
  const detail = absent === undefined ? {} : { oauth_parameters_absent: absent };
  return form({ oauth_problem: name, ...detail }, 401);
}
