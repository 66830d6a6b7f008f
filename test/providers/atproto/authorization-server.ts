import { createHash, randomUUID } from 'node:crypto';
import { createLocalJWKSet, jwtVerify } from 'jose';
import { json, type Host, type Hosts } from '../../support/hosts.js';
import { checkProof, Refused, type ProofCheck } from './proof.js';

type Json = Record<string, unknown>;

/** An authorization server as strict as the protocol, and what it can be made to do wrong. */
export interface AuthorizationServer {
  host: Host;
  /** Who logs in: a DID. */
  person: string;
  /** Laid over its metadata, its token responses, and its callbacks. */
  change: { metadata: Json; token: Json; callback: Record<string, string | undefined> };
  /** The pushed requests, in order. */
  readonly pushed: URLSearchParams[];
  /** Token requests that were let through. */
  readonly granted: URLSearchParams[];
  /** The DID and key of an access token. */
  tokens: Map<string, { did: string; jkt: string; scope: string }>;
}

interface Grant {
  params: URLSearchParams;
  jkt: string;
}

/** Plays the authorization server with this issuer: PAR, PKCE, DPoP with nonces, client documents. */
export function playServer(issuer: string, hosts: Hosts, person: string): AuthorizationServer {
  const proofs: ProofCheck = { nonce: `nonce-${randomUUID()}`, seen: new Set() };
  const requests = new Map<string, Grant>();
  const codes = new Map<string, Grant>();
  const refreshTokens = new Map<string, Grant & { did: string }>();
  const server: AuthorizationServer = {
    host: answer,
    person,
    change: { metadata: {}, token: {}, callback: {} },
    pushed: [],
    granted: [],
    tokens: new Map(),
  };

  async function answer(request: Request): Promise<Response> {
    const url = new URL(request.url);
    try {
      if (url.pathname === '/.well-known/oauth-authorization-server') return json(metadata());
      if (url.pathname === '/oauth/par' && request.method === 'POST') return await push(request);
      if (url.pathname === '/oauth/authorize') return authorize(url);
      if (url.pathname === '/oauth/token' && request.method === 'POST') return await token(request);
      return json({ error: 'not_found' }, { status: 404 });
    } catch (error) {
      if (error instanceof Refused) return error.answer;
      throw error;
    }
  }

  function metadata(): Json {
    return {
      issuer,
      authorization_endpoint: `${issuer}/oauth/authorize`,
      token_endpoint: `${issuer}/oauth/token`,
      pushed_authorization_request_endpoint: `${issuer}/oauth/par`,
      response_types_supported: ['code'],
      grant_types_supported: ['authorization_code', 'refresh_token'],
      code_challenge_methods_supported: ['S256'],
      token_endpoint_auth_methods_supported: ['none', 'private_key_jwt'],
      token_endpoint_auth_signing_alg_values_supported: ['ES256'],
      scopes_supported: ['atproto', 'transition:generic'],
      dpop_signing_alg_values_supported: ['ES256'],
      authorization_response_iss_parameter_supported: true,
      require_pushed_authorization_requests: true,
      client_id_metadata_document_supported: true,
      ...server.change.metadata,
    };
  }

  const refuse = (error: string, why: string): Refused =>
    new Refused(
      json(
        { error, error_description: why },
        { status: 400, headers: { 'dpop-nonce': proofs.nonce } },
      ),
    );

  /** Knows the client by its document, and by its signature if the document has keys. */
  async function identify(form: URLSearchParams): Promise<Json> {
    const clientId = form.get('client_id') ?? '';
    const document = await clientDocument(clientId);
    if (document['token_endpoint_auth_method'] !== 'private_key_jwt') {
      if (form.has('client_assertion'))
        throw refuse('invalid_client', 'a public client signs nothing');
      return document;
    }
    const keys = createLocalJWKSet(document['jwks'] as Parameters<typeof createLocalJWKSet>[0]);
    await jwtVerify(form.get('client_assertion') ?? '', keys, {
      issuer: clientId,
      subject: clientId,
      audience: issuer,
      algorithms: ['ES256'],
      requiredClaims: ['jti', 'iat'],
    }).catch((error: unknown) => {
      throw refuse('invalid_client', String(error));
    });
    return document;
  }

  async function clientDocument(clientId: string): Promise<Json> {
    const url = new URL(clientId);
    if (clientId.startsWith('http://localhost')) return loopbackDocument(url);
    const found = await hosts.fetch(clientId);
    const document = (await found.json()) as Json;
    const right =
      found.status === 200 &&
      url.protocol === 'https:' &&
      found.headers.get('content-type') === 'application/json' &&
      document['client_id'] === clientId &&
      document['dpop_bound_access_tokens'] === true &&
      String(document['scope']).split(' ').includes('atproto') &&
      (document['response_types'] as string[]).includes('code') &&
      (document['grant_types'] as string[]).includes('authorization_code') &&
      (document['redirect_uris'] as string[]).length > 0;
    if (!right) throw refuse('invalid_client_metadata', 'the document is not right');
    return document;
  }

  function loopbackDocument(url: URL): Json {
    if (url.port !== '' || url.pathname !== '/')
      throw refuse('invalid_client', 'not that localhost');
    return {
      redirect_uris: url.searchParams.getAll('redirect_uri'),
      scope: url.searchParams.get('scope') ?? 'atproto',
    };
  }

  /** The port of an application on a developer's machine is not compared. */
  function isDeclared(redirectUri: string, declared: string[]): boolean {
    return (
      declared.includes(redirectUri.replace(/^(http:\/\/127\.0\.0\.1):\d+/, '$1')) ||
      declared.includes(redirectUri)
    );
  }

  async function push(request: Request): Promise<Response> {
    const params = new URLSearchParams(await request.clone().text());
    const jkt = await checkProof(request, proofs);
    const document = await identify(params);
    const scopes = (params.get('scope') ?? '').split(' ');
    const declared = String(document['scope']).split(' ');
    const wrong = [
      params.get('response_type') !== 'code' && 'response_type',
      !/^[\w-]{43}$/.test(params.get('code_challenge') ?? '') && 'code_challenge',
      params.get('code_challenge_method') !== 'S256' && 'code_challenge_method',
      !params.get('state') && 'state',
      !scopes.includes('atproto') && 'scope',
      !scopes.every((scope) => declared.includes(scope)) && 'scope beyond the document',
      !isDeclared(params.get('redirect_uri') ?? '', document['redirect_uris'] as string[]) &&
        'redirect_uri',
      params.get('dpop_jkt') !== jkt && 'dpop_jkt',
      params.has('client_secret') && 'client_secret',
    ].find(Boolean);
    if (wrong) throw refuse('invalid_request', String(wrong));
    const requestUri = `urn:ietf:params:oauth:request_uri:${randomUUID()}`;
    requests.set(requestUri, { params, jkt });
    server.pushed.push(params);
    return json(
      { request_uri: requestUri, expires_in: 300 },
      { status: 201, headers: { 'dpop-nonce': proofs.nonce } },
    );
  }

  function authorize(url: URL): Response {
    const names = [...url.searchParams.keys()].toSorted().join(' ');
    const requestUri = url.searchParams.get('request_uri') ?? '';
    const pushed = requests.get(requestUri);
    requests.delete(requestUri);
    const { params } = pushed ?? {};
    if (names !== 'client_id request_uri' || !pushed || !params) {
      return new Response('This request was not pushed.', { status: 400 });
    }
    if (params.get('client_id') !== url.searchParams.get('client_id')) {
      return new Response('This request is of another client.', { status: 400 });
    }
    const code = `cod-${randomUUID()}`;
    codes.set(code, pushed);
    const callback = new URL(params.get('redirect_uri') ?? '');
    const answers = {
      code,
      state: params.get('state') ?? '',
      iss: issuer,
      ...server.change.callback,
    };
    for (const [name, value] of Object.entries(answers)) {
      if (value !== undefined) callback.searchParams.set(name, value);
    }
    return new Response(null, { status: 302, headers: { location: callback.href } });
  }

  async function token(request: Request): Promise<Response> {
    const form = new URLSearchParams(await request.clone().text());
    const jkt = await checkProof(request, proofs);
    await identify(form);
    const [grant, did] =
      form.get('grant_type') === 'refresh_token'
        ? refreshed(form)
        : [redeemed(form), server.person];
    if (grant.jkt !== jkt) throw refuse('invalid_dpop_proof', 'another key');
    if (grant.params.get('client_id') !== form.get('client_id')) {
      throw refuse('invalid_grant', 'another client');
    }
    server.granted.push(form);
    const scope = grant.params.get('scope') ?? '';
    const answers: Json = {
      access_token: `at-${randomUUID()}`,
      token_type: 'DPoP',
      expires_in: 300,
      refresh_token: `rt-${randomUUID()}`,
      scope,
      sub: did,
      ...server.change.token,
    };
    server.tokens.set(String(answers['access_token']), { did, jkt, scope });
    refreshTokens.set(String(answers['refresh_token']), { ...grant, did });
    return json(answers, { headers: { 'dpop-nonce': proofs.nonce, 'cache-control': 'no-store' } });
  }

  function redeemed(form: URLSearchParams): Grant {
    const code = form.get('code') ?? '';
    const grant = codes.get(code);
    codes.delete(code);
    const hash = createHash('sha256').update(form.get('code_verifier') ?? '');
    const right =
      form.get('grant_type') === 'authorization_code' &&
      grant?.params.get('redirect_uri') === form.get('redirect_uri') &&
      grant?.params.get('code_challenge') === hash.digest('base64url');
    if (!grant || !right) throw refuse('invalid_grant', 'code, redirect_uri or code_verifier');
    return grant;
  }

  function refreshed(form: URLSearchParams): [Grant, string] {
    const given = form.get('refresh_token') ?? '';
    const grant = refreshTokens.get(given);
    refreshTokens.delete(given);
    if (!grant) throw refuse('invalid_grant', 'refresh_token');
    return [grant, grant.did];
  }

  return server;
}
