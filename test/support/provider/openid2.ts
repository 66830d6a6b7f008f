import { createHmac } from 'node:crypto';
import { page, type ProviderResponse } from './response.js';
import { deliver, isAllowed } from './authorize.js';
import { repeatedName, type ProviderRequest } from './log.js';
import {
  assertionQuirks,
  checkQuirks,
  openid2CallbackQuirks,
  text,
  type AssertionInput,
} from './openid2-quirks.js';
import { randomToken, type World } from './world.js';

const namespace = 'http://specs.openid.net/auth/2.0';

/** The handle of a private association, of which the client knows nothing (§11.4.2). */
const handle = '1234567890';

/** How an OpenID 2.0 client is registered with the provider. */
export interface OpenID2Endpoints {
  endpoint: string;
  /** The identifiers of its users, as a regular expression. */
  claimedIdPattern: string;
}

/** The URLs of the OpenID 2.0 endpoint. */
export function openid2Endpoints(base: string): OpenID2Endpoints {
  const identifiers = `${base}/openid2/id/`.replace(/[.?+*()[\]{}|^$\\]/g, '\\$&');
  return { endpoint: `${base}/openid2`, claimedIdPattern: `${identifiers}([\\w-]+)` };
}

/** Handles a login: the user agrees at once, and the response is an assertion (§9, §10). */
export function openid2Login(world: World, request: ProviderRequest): ProviderResponse {
  const { params } = request;
  const problem = refuseRequest(world, params);
  if (problem !== undefined)
    return page(`<h1>Bad authentication request</h1><p>${problem}</p>`, 400);
  const returnTo = params.get('openid.return_to') ?? '';
  const response = assertion(world, returnTo);
  const { openid2Callback: quirk, responseMode } = world.quirks;
  // The URL's own parameters can be changed on the way as well.
  const target = new URL(returnTo);
  const state = target.searchParams.get('state');
  const whole = new URLSearchParams([...target.searchParams, ...response]);
  const spoil: ((params: URLSearchParams) => void) | undefined =
    typeof quirk === 'string' ? openid2CallbackQuirks[quirk] : quirk;
  if (!spoil) return deliver(returnTo, response, responseMode ?? 'query');
  spoil(whole);
  if (responseMode !== 'form_post') {
    target.search = '';
    return deliver(target.href, whole, 'query');
  }
  const posted = [...whole].filter(([name, value]) => name !== 'state' || value !== state);
  return deliver(returnTo, new URLSearchParams(posted), 'form_post');
}

function refuseRequest(world: World, params: URLSearchParams): string | undefined {
  const repeated = repeatedName(params);
  if (repeated !== undefined) return 'A parameter is repeated.';
  if (params.get('openid.ns') !== namespace) return 'Not OpenID 2.0.';
  if (!['checkid_setup', 'checkid_immediate'].includes(params.get('openid.mode') ?? ''))
    return 'Unknown mode.';
  for (const name of ['openid.claimed_id', 'openid.identity']) {
    if (params.get(name) !== `${namespace}/identifier_select`) return `Unknown ${name}.`;
  }
  const returnTo = params.get('openid.return_to') ?? '';
  if (!isAllowed(returnTo, world.settings.redirectUris)) return 'Bad openid.return_to.';
  const realm = params.get('openid.realm') ?? returnTo;
  return returnTo.startsWith(realm) ? undefined : 'openid.return_to is outside of openid.realm.';
}

function assertion(world: World, returnTo: string): URLSearchParams {
  const id = `${world.base}/openid2/id/${String(world.settings.user['sub'] ?? '')}`;
  const time = new Date().toISOString().replace(/\.\d+Z$/, 'Z');
  const params = new URLSearchParams({
    'openid.ns': namespace,
    'openid.mode': 'id_res',
    'openid.op_endpoint': `${world.base}/openid2`,
    'openid.claimed_id': id,
    'openid.identity': id,
    'openid.return_to': returnTo,
    'openid.response_nonce': `${time}${randomToken('n')}`,
    'openid.assoc_handle': handle,
  });
  let signed = [
    'signed',
    'op_endpoint',
    'claimed_id',
    'identity',
    'return_to',
    'response_nonce',
    'assoc_handle',
  ];
  const quirk = world.quirks.openid2Assertion;
  const spoil: ((input: AssertionInput) => void) | undefined =
    typeof quirk === 'string' ? assertionQuirks[quirk] : quirk;
  spoil?.({
    params,
    sign: (change) => {
      signed = change(signed);
    },
  });
  params.set('openid.signed', signed.join(','));
  params.set('openid.sig', signature(world, params));
  return params;
}

/** §6: the signed fields in key-value form, with the key of the association. */
function signature(world: World, params: URLSearchParams): string {
  const names = (params.get('openid.signed') ?? '').split(',');
  const lines = names.map((name) => `${name}:${params.get(`openid.${name}`) ?? ''}\n`);
  return createHmac('sha256', world.openid2Key).update(lines.join('')).digest('base64');
}

/** Confirms an assertion of the provider once (§11.4.2). */
export function openid2Check(world: World, request: ProviderRequest): ProviderResponse {
  const quirk = world.quirks.openid2Check;
  if (quirk !== undefined) return typeof quirk === 'function' ? quirk() : checkQuirks[quirk]();
  const { form } = request;
  const said = new URLSearchParams(form);
  // The copy differs in the mode alone.
  said.set('openid.mode', 'id_res');
  const nonce = said.get('openid.response_nonce') ?? '';
  const isOurs =
    repeatedName(form) === undefined &&
    form.get('openid.ns') === namespace &&
    form.get('openid.assoc_handle') === handle &&
    said.get('openid.sig') === signature(world, said) &&
    !world.openid2Nonces.has(nonce);
  world.openid2Nonces.add(nonce);
  return text(`ns:${namespace}\nis_valid:${isOurs}\n`);
}
