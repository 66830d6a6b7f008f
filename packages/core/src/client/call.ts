import { OAuthError } from '../model/errors.js';
import { fill } from '../quirks/templates.js';
import { resourceRequest } from './api-request.js';
import type { ClientTokens } from './tokens/client-tokens.js';
import type { Engine, ResourceOptions, Token } from '../model/types.js';
import type { EngineSource } from '../protocols/engine-source.js';

/** Configuration of resource calls. */
export interface CallConfig<T extends Token> {
  app: EngineSource<T>;
  tokens: ClientTokens<T>;
}

/** Calls an API with the token of its owner, with the client's own token, or without a token. */
export async function callApi<T extends Token>(
  { app, tokens }: CallConfig<T>,
  target: { method: string; url: string | URL },
  options: ResourceOptions<T>,
): Promise<Response> {
  checkCaller(options);
  const send = async (token?: T): Promise<Response> => {
    const { engine, options: there } = await app.api(token);
    const { apiBaseUrl } = there;
    const base = apiBaseUrl?.includes('{') ? fill(apiBaseUrl, { token }) : apiBaseUrl;
    const request = resourceRequest(target, options, base);
    return options.twoLegged
      ? await signer(engine)(request, options.signal)
      : await engine.send(request, token, options.signal);
  };
  if (options.withholdToken || options.twoLegged) return await send();
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

function signer<T extends Token>(engine: Engine<T>): NonNullable<Engine['sendAsClient']> {
  if (engine.sendAsClient) return engine.sendAsClient;
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
