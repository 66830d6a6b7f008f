import { OAuthError } from '../model/errors.js';
import type { RegisterOptions } from '../options/register-options.js';
import { fill } from '../quirks/templates.js';
import { resourceRequest } from './api-request.js';
import type { ClientTokens } from './tokens/client-tokens.js';
import type { Engine, ResourceOptions, ResourceRequest, Token } from '../model/types.js';

/** Configuration of resource calls. */
export interface CallConfig<T extends Token> {
  app: Engine<T>;
  options: Readonly<RegisterOptions>;
  tokens: ClientTokens<T>;
}

/** Calls an API with the token of its owner, with the client's own token, or without a token. */
export async function callApi<T extends Token>(
  { app, options: registered, tokens }: CallConfig<T>,
  target: { method: string; url: string | URL },
  options: ResourceOptions<T>,
): Promise<Response> {
  checkCaller(options);
  const build = (base: string | undefined): ResourceRequest =>
    resourceRequest(target, options, base);
  // A base URL that depends on the token can only be resolved once the token is loaded.
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
  if (app.identityOnly) throw noAccessToken(app.name);
  return await tokens.send(options, send, {
    // A stream can be sent only once.
    isRepeatable: !(options.body instanceof ReadableStream),
    isSafe: safeMethods.has(target.method.toUpperCase()) || options.retryUnsafe === true,
  });
}

/** Safe methods (RFC 9110 §9.2.1). */
const safeMethods: ReadonlySet<string> = new Set(['GET', 'HEAD', 'OPTIONS', 'TRACE']);

/** Rejects options that select more than one caller. */
function checkCaller({ token, userId, withholdToken, twoLegged }: ResourceOptions): void {
  if (!twoLegged || (token === undefined && userId === undefined && !withholdToken)) return;
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" calls the API as the client. Remove "token", "userId" and "withholdToken".',
  );
}

function signer<T extends Token>(app: Engine<T>): NonNullable<Engine['sendAsClient']> {
  if (app.sendAsClient) return app.sendAsClient;
  throw new OAuthError(
    'invalid_options',
    '"twoLegged" works only with OAuth 1, and with OpenID 2.0 and an "apiKey". Pass ' +
      'a token of the client instead.',
  );
}

function noAccessToken(name: string): OAuthError {
  return new OAuthError(
    'missing_token',
    `"${name}" only authenticates users and issues no access token. Call the API with the "apiKey" ` +
      '("twoLegged: true") or without a token ("withholdToken: true").',
  );
}
