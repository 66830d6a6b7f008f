import { OAuthError } from '../../model/errors.js';
import type { ValidateCallback } from '../../options/register-options.js';
import type { ServerContext, ServerLocator } from '../../options/server-locator.js';
import { scopeText } from '../../platform/scope.js';
import type { ChosenServer, OAuth2Token } from '../../model/types.js';
import { discoverServer, type IndieAuthServer } from './discovery.js';
import { readProfileUrl } from './profile-url.js';

/**
 * Discovers the server that a user's home page declares, and validates in the token response that
 * its profile URL declares the same server.
 *
 * @see https://indieauth.spec.indieweb.org/
 */
export const indieAuthServers: ServerLocator = {
  ask: { me: { label: 'Your home page', example: 'https://example.com/' } },
  find: async ({ me }, tools) => {
    const url = readProfileUrl(me);
    if (url !== undefined) return chosenServer(url, await discoverServer(url, tools));
    throw new OAuthError(
      'invalid_server',
      'Not a home page URL such as "https://name.example/". Ask the user again.',
    );
  },
  describe: (server, { options }) => describe(server, options),
  checkToken: checkProfileUrl,
  globalSubject: true,
};

function chosenServer(me: string, server: IndieAuthServer): ChosenServer {
  const { namesIssuer, ...found } = { me, ...server };
  const known = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...known, ...(namesIssuer ? [['namesIssuer', 'true']] : [])]);
}

/** Scopes that only identify the user and return no usable token (IndieAuth §5.3.4). */
const identifying = ['profile', 'email'];

function describe(
  server: ChosenServer,
  { scope, authorizeParams }: Readonly<Record<string, unknown>>,
): Record<string, unknown> {
  const scopes = scopeText(scope as string | readonly string[] | undefined)?.split(' ') ?? [];
  const { authorizationEndpoint, tokenEndpoint, revocationEndpoint, issuer, micropub, me } = server;
  const login = scopes.every((one) => identifying.includes(one));
  if (!login && tokenEndpoint === undefined) {
    throw new OAuthError(
      'invalid_metadata',
      'The home page declares no token endpoint, which a "scope" beyond "profile email" ' +
        'requires. Ask the user for another URL, or set "scope" to "profile email".',
    );
  }
  return {
    issuer,
    authorizeUrl: authorizationEndpoint,
    // Without other scopes, the code is sent to the authorization endpoint (IndieAuth §5.3.1).
    accessTokenUrl: login ? authorizationEndpoint : tokenEndpoint,
    revocationEndpoint,
    ...(micropub === undefined ? {} : { apiBaseUrl: micropub }),
    authorizeParams: { ...(authorizeParams as object | undefined), me },
    validateCallback: checkIssuerOf(server),
  };
}

/**
 * Validates `iss` in the cases the engine does not: it is missing although the server announced it,
 * or present although the server has no metadata.
 *
 * @see https://www.rfc-editor.org/rfc/rfc9207#section-2.4
 */
function checkIssuerOf({ issuer, namesIssuer }: ChosenServer): ValidateCallback {
  return (params) => {
    const given = params.has('iss');
    if (given ? issuer !== undefined : namesIssuer !== 'true') return;
    throw new OAuthError(
      'mismatching_issuer',
      given
        ? 'The callback has an "iss", but the server of this login has no issuer: the ' +
            'response comes from another server. Start the login again.'
        : 'The callback has no "iss", although the server\'s metadata announces it. No request ' +
            'was sent. Start the login again.',
    );
  };
}

/**
 * Validates the profile URL of a token (IndieAuth §5.4): its page must declare the server that
 * issued it. The authorization endpoint must be declared too, because any page can declare another
 * site's endpoint.
 */
async function checkProfileUrl(
  token: OAuth2Token,
  server: ChosenServer,
  context: ServerContext,
): Promise<OAuth2Token> {
  const me = typeof token['me'] === 'string' ? readProfileUrl(token['me']) : undefined;
  if (me === undefined) {
    throw new OAuthError(
      'invalid_response',
      'The token response has no profile URL as "me" (IndieAuth §5.3). It was discarded. Ask the user for another URL.',
    );
  }
  if (me === server['me'] || me === server['page'])
    return { ...token, me, server: { ...server, me } };
  const declared = await discoverServer(me, context);
  const { authorizationEndpoint, tokenEndpoint } = declared;
  const speakers: unknown[] = [authorizationEndpoint, tokenEndpoint];
  if (
    authorizationEndpoint === server['authorizationEndpoint'] &&
    speakers.includes(context.options['accessTokenUrl'])
  ) {
    return { ...token, me, server: chosenServer(me, declared) };
  }
  throw new OAuthError(
    'mismatching_issuer',
    'The profile page of the token declares another server than the one that issued it ' +
      '(IndieAuth §5.4). The token was discarded. Log in again.',
  );
}
