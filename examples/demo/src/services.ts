import type { Token } from '@oauth-registry/core';

/** What the pages say about a client, and the API call they show. */
export interface Service {
  /** The name of the client in the registry. */
  client: string;
  title: string;
  protocol: string;
  about: string;
  /** A path of the provider's API that needs a token. */
  api: string;
}

export const services: readonly Service[] = [
  {
    client: 'openid',
    title: 'Lighthouse',
    protocol: 'OpenID Connect',
    about: 'Says who you are in a signed ID token.',
    api: '/me',
  },
  {
    client: 'octo',
    title: 'Octo',
    protocol: 'OAuth 2.0',
    about: 'A code host, with a mind of its own about error answers.',
    api: '/user/repos',
  },
  {
    client: 'photos',
    title: 'Shutterbox',
    protocol: 'OAuth 1.0a',
    about: 'A photo site of the old days: every request is signed.',
    api: '/photos',
  },
];

/** Finds what the pages say about a client. */
export function serviceOf(client: string): Service {
  const service = services.find((known) => known.client === client);
  if (!service) throw new TypeError(`"${client}" is not among the services.`);
  return service;
}

/** An API's answer, ready to be shown. */
export interface ApiAnswer {
  /** The call as a developer writes it. */
  call: string;
  status: string;
  body: string;
}

/** What it takes to call an API: a client of the registry, whatever its protocol. */
export interface ApiClient {
  readonly name: string;
  get(url: string, options: { token: Token }): Promise<Response>;
}

/** Calls the provider's API in the name of the token's owner. A failure is shown like any answer. */
export async function callApi(client: ApiClient, token: Token): Promise<ApiAnswer> {
  const { api } = serviceOf(client.name);
  const call = `oauth.${client.name}.get('${api}', { token })`;
  try {
    const response = await client.get(api, { token });
    return { call, status: String(response.status), body: pretty(await response.text()) };
  } catch (error) {
    return { call, status: 'no answer', body: error instanceof Error ? error.message : '' };
  }
}

function pretty(body: string): string {
  try {
    return JSON.stringify(JSON.parse(body), undefined, 2);
  } catch {
    return body;
  }
}
