import { OAuthError } from '../model/errors.js';
import type { RegisterOptions } from '../options/register-options.js';
import { fill } from '../quirks/templates.js';
import { resourceRequest } from './api-request.js';
import type { ClientTokens } from './tokens/client-tokens.js';
import type { RemoteApp, ResourceOptions, ResourceRequest, Token } from '../model/types.js';

/** What calls of one client's API are made with. */
export interface CallConfig<T extends Token> {
  app: RemoteApp<T>;
  options: Readonly<RegisterOptions>;
  tokens: ClientTokens<T>;
}

/** Calls an API in the name of a token's owner, of the client alone, or of nobody. */
export async function callApi<T extends Token>(
  { app, options: registered, tokens }: CallConfig<T>,
  target: { method: string; url: string | URL },
  options: ResourceOptions<T>,
): Promise<Response> {
  checkCaller(options);
  const build = (base: string | undefined): ResourceRequest =>
    resourceRequest(target, options, base);
  // A base that only a token completes has to wait for one.
  const waits = app.at !== undefined || registered.apiBaseUrl?.startsWith('{');
  const early = waits ? undefined : build(registered.apiBaseUrl);
  const late = async (token?: T): Promise<ResourceRequest> => {
    const { apiBaseUrl } = (await app.at?.(registered, token)) ?? registered;
    return build(apiBaseUrl && fill(apiBaseUrl, { token }));
  };
  const send = async (token?: T): Promise<Response> =>
    app.send(early ?? (await late(token)), token, options.signal);
  if (options.withholdToken) return await send();
  if (options.twoLegged) return await signer(app)(early ?? (await late()), options.signal);
  if (app.identityOnly) throw noToken(app.name);
  return await tokens.send(options, send, {
    // A stream can be sent once.
    isRepeatable: !(options.body instanceof ReadableStream),
    isSafe: safeMethods.has(target.method.toUpperCase()) || options.retryUnsafe === true,
  });
}

/** RFC 9110 §9.2.1. */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** A request is made in one name. */
function checkCaller({ token, owner, withholdToken, twoLegged }: ResourceOptions): void {
  if (!twoLegged || (token === undefined && owner === undefined && !withholdToken)) return;
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" calls as the client alone. Leave out "token", "owner" and "withholdToken" beside it.',
  );
}

function signer<T extends Token>(app: RemoteApp<T>): NonNullable<RemoteApp['sendAsClient']> {
  if (app.sendAsClient) return app.sendAsClient;
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" is for OAuth 1, where a client signs for itself, and for OpenID 2.0 with an "apiKey". Pass ' +
      'a token of the client instead.',
  );
}

function noToken(name: string): OAuthError {
  return new OAuthError(
    'missing_token',
    `"${name}" says who somebody is and gives no token to call an API with. Call with the "apiKey" ` +
      '("twoLegged: true") or without any ("withholdToken: true").',
  );
}
