import { randomBytes } from 'node:crypto';
import type { RegisterOptions } from '@oauth-registry/core';
import type { ReplacedClient } from '@oauth-registry/core/replace-providers';
import type { AuthorizationRequest, LogoutRequest } from '@oauth-registry/core/types';
import {
  matches,
  readScriptedRequest,
  scriptedResponses,
  toResponse,
  type Script,
  type ScriptedRequest,
} from '../scripted.js';
import { apiResponse, type MockedApi } from './api.js';
import type { Simulation } from './clients.js';
import { requireLoopbackUrl } from './guard.js';

const openid2 = 'http://specs.openid.net/auth/2.0';

/** A login that a mocked provider has approved. */
interface Grant {
  script: Script;
  nonce: string | undefined;
  sub: string;
}

/** Configuration of a mocked provider. */
export interface MockedProviderConfig {
  client: ReplacedClient;
  simulation: Simulation;
  api: MockedApi | undefined;
  /** Returns the claims of the user who logs in, or an error code. */
  user(authorizationUrl: URL | undefined): Promise<Record<string, unknown> | string | undefined>;
}

/**
 * The provider of one client, without a network. It approves every login at once, so that the browser is redirected
 * to the callback, and responds to the requests that the client then sends.
 */
export class MockedProvider {
  readonly #config: MockedProviderConfig;
  /** The options of the client that sends requests here. */
  readonly options: RegisterOptions;
  readonly #respond: ReturnType<typeof scriptedResponses>;
  /** By every code, request token, access token and refresh token that was issued. */
  readonly #grants = new Map<string, Grant>();
  /** The API requests received, and those for the profile. */
  readonly requests: ScriptedRequest[] = [];

  constructor(config: MockedProviderConfig) {
    this.#config = config;
    this.options = config.simulation.options;
    this.#respond = scriptedResponses(this.options);
  }

  /** Returns the URL of the callback with the response to an authorization request. */
  async login(request: AuthorizationRequest, redirectUri: string): Promise<string> {
    const callback = requireLoopbackUrl(redirectUri);
    const user = await this.#config.user(new URL(request.url));
    const params =
      typeof user === 'string' ? this.#deny(request, user) : this.#approve(request, user);
    for (const [name, value] of Object.entries(params)) callback.searchParams.append(name, value);
    return callback.href;
  }

  /** Returns the post-logout redirect URI with the response to a logout request. */
  logout({ url, state, postLogoutRedirectUri }: LogoutRequest): string {
    if (postLogoutRedirectUri === undefined) return url;
    const back = new URL(postLogoutRedirectUri);
    if (state !== undefined) back.searchParams.append('state', state);
    return back.href;
  }

  #deny({ state }: AuthorizationRequest, error: string): Record<string, string> {
    const { kind } = this.#config.client;
    if (kind === 'oauth2') return { error, state };
    if (kind === 'oauth1') {
      return {
        oauth_token: state,
        oauth_problem: error === 'access_denied' ? 'permission_denied' : error,
      };
    }
    const modes: Record<string, string> = {
      access_denied: 'cancel',
      interaction_required: 'setup_needed',
    };
    const mode = modes[error] ?? 'error';
    return {
      state,
      'openid.ns': openid2,
      'openid.mode': mode,
      ...(mode === 'error' ? { 'openid.error': error } : {}),
    };
  }

  #approve(
    request: AuthorizationRequest,
    claims: Record<string, unknown> | undefined,
  ): Record<string, string> {
    const { client, simulation } = this.#config;
    const { state, nonce } = request;
    const script = simulation.scriptOf(claims);
    const grant = { script, nonce, sub: String((script.profile as { sub?: unknown })?.sub) };
    if (client.kind === 'openid2') return this.#assertion(request, grant);
    const code = client.kind === 'oauth1' ? state : randomBytes(16).toString('base64url');
    this.#grants.set(code, grant);
    return client.kind === 'oauth1'
      ? { oauth_token: state, oauth_verifier: 'mock' }
      : { code, state };
  }

  /** A positive assertion (OpenID Authentication 2.0 §10.1), which the provider confirms without its signature. */
  #assertion({ url, state }: AuthorizationRequest, grant: Grant): Record<string, string> {
    const { openid2Endpoint = '' } = this.options;
    const identifier = openid2Endpoint.replace(/openid2$/, `id/${grant.sub}`);
    // The end of the URL that the profile is requested at.
    this.#grants.set(`?${new URLSearchParams({ claimed_id: identifier }).toString()}\n`, grant);
    const fields: Record<string, string> = {
      op_endpoint: openid2Endpoint,
      claimed_id: identifier,
      identity: identifier,
      return_to: new URL(url).searchParams.get('openid.return_to') ?? '',
      response_nonce: `${new Date().toISOString().slice(0, 19)}Z${randomBytes(8).toString('hex')}`,
      assoc_handle: 'mock',
    };
    const message = {
      ns: openid2,
      mode: 'id_res',
      ...fields,
      signed: Object.keys(fields).join(','),
      sig: 'mock',
    };
    return {
      state,
      ...Object.fromEntries(
        Object.entries(message).map(([name, value]) => [`openid.${name}`, value]),
      ),
    };
  }

  readonly fetch: typeof globalThis.fetch = async (...given) => {
    const request = await readScriptedRequest(...given);
    return this.#protocolResponse(request) ?? (await this.#resourceResponse(request));
  };

  /** The response of an endpoint of the protocol. */
  #protocolResponse(request: ScriptedRequest): Response | undefined {
    const { url } = request;
    const { openid2Endpoint, requestTokenUrl, accessTokenUrl, refreshTokenUrl } = this.options;
    if (url.href === openid2Endpoint) return toResponse(`ns:${openid2}\nis_valid:true\n`);
    if (matches(requestTokenUrl, url)) {
      return toResponse(
        `oauth_token=${randomToken()}&oauth_token_secret=s&oauth_callback_confirmed=true`,
      );
    }
    if (matches(accessTokenUrl, url) || matches(refreshTokenUrl, url))
      return this.#tokenResponse(request);
    const { revocationEndpoint, introspectionEndpoint, jwksUri } = this.options;
    if (matches(revocationEndpoint, url)) return toResponse('{}');
    if (matches(introspectionEndpoint, url))
      return toResponse({ active: this.#find(request) !== undefined });
    const isDocument =
      /\/\.well-known\//.test(url.pathname) ||
      url.origin === 'https://keys.example' ||
      matches(jwksUri, url);
    return isDocument
      ? toResponse(this.#respond(this.#config.simulation.scriptOf(undefined), { request }))
      : undefined;
  }

  #tokenResponse(request: ScriptedRequest): Response {
    const form = new URLSearchParams(request.body);
    const isOwn = form.get('grant_type') === 'client_credentials';
    const own = {
      script: { token: { access_token: 'a', token_type: 'Bearer' } },
      nonce: undefined,
      sub: '',
    };
    const [secret, grant] = isOwn ? ['', own] : (this.#find(request) ?? []);
    if (grant === undefined) return toResponse({ error: 'invalid_grant' }, 400);
    // A code, a request token and a refresh token are accepted once.
    this.#grants.delete(secret ?? '');
    const { accessTokenUrl = '' } = this.options;
    const atEndpoint = matches(accessTokenUrl, request.url)
      ? request
      : { ...request, url: new URL(accessTokenUrl) };
    const body = this.#respond(grant.script, { request: atEndpoint, nonce: grant.nonce });
    return toResponse(this.#issue(body ?? {}, grant));
  }

  /** The response of the API: as given, else that of the profile. */
  async #resourceResponse(request: ScriptedRequest): Promise<Response> {
    this.requests.push(request);
    const { api, client } = this.#config;
    const given = await apiResponse(
      api,
      request,
      client.options.apiBaseUrl ?? this.options.apiBaseUrl,
    );
    if (given) return given;
    const [, grant = await this.#anyGrant()] = this.#find(request) ?? [];
    if (grant === undefined) return toResponse({ error: 'invalid_token' }, 401);
    const body = this.#respond(grant.script, { request, nonce: grant.nonce });
    if (body !== undefined) return toResponse(body);
    const { method, url } = request;
    return toResponse(
      { error: `mockLogins() has no response for ${method} ${url.pathname}: set "api".` },
      404,
    );
  }

  /** A token that was not issued here belongs to the user of the next login, if that is always the same. */
  async #anyGrant(): Promise<Grant | undefined> {
    const claims = await this.#config.user(undefined);
    if (typeof claims === 'string') return undefined;
    return { script: this.#config.simulation.scriptOf(claims), nonce: undefined, sub: '' };
  }

  /** Returns the code or token that a request carries, and its grant. */
  #find({ url, headers, body }: ScriptedRequest): [secret: string, grant: Grant] | undefined {
    const text = [url.href, ...headers.values(), body].join('\n');
    return [...this.#grants].findLast(([secret]) => text.includes(secret));
  }

  /** Replaces the tokens of a response by new ones, except a signed access token. */
  #issue(body: object | string, grant: Grant): string {
    const text = typeof body === 'string' ? body : JSON.stringify(body);
    const issue = (_: string, before: string, given: string): string => {
      const token = /^eyJ[\w-]+\.[\w-]+\./.test(given) ? given : randomToken();
      this.#grants.set(token, grant);
      return before + token;
    };
    return text
      .replaceAll(/("(?:access_token|refresh_token)":\s*")([^"]*)/g, issue)
      .replaceAll(/((?:^|&)(?:access_token|oauth_token|refresh_token)=)([^&]*)/g, issue);
  }
}

function randomToken(): string {
  return `mock-${randomBytes(16).toString('hex')}`;
}
