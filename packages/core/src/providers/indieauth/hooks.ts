import { OAuthError } from '../../model/errors.js';
import type { ValidateCallback } from '../../options/register-options.js';
import type { ServerContext, ServerLocator } from '../../options/chosen-server-types.js';
import { scopeText } from '../../options/scope.js';
import type { ChosenServer, OAuth2Token } from '../../model/types.js';
import { discover, type IndieAuthServer } from './discovery.js';
import { readProfileUrl } from './profile-url.js';

/**
 * Finds the server that a person's home page declares; and makes sure, when the token arrives, that the
 * page it is about declares the same one.
 *
 * @see https://indieauth.spec.indieweb.org/
 */
export const indieAuthServers: ServerLocator = {
  ask: { me: 'Your home page' },
  find: async ({ me }, tools) => {
    const url = readProfileUrl(me);
    if (url !== undefined) return kept(url, await discover(url, tools));
    throw new OAuthError(
      'invalid_server',
      'This is no address of a home page such as "https://name.example/". Ask the person again.',
    );
  },
  describe: (server, { options }) => describe(server, options),
  checkToken,
  globalSubject: true,
};

function kept(me: string, server: IndieAuthServer): ChosenServer {
  const { namesIssuer, ...found } = { me, ...server };
  const known = Object.entries(found).filter(([, value]) => value !== undefined);
  return Object.fromEntries([...known, ...(namesIssuer ? [['namesIssuer', 'true']] : [])]);
}

/** Scopes that say who somebody is, and are good for no token (IndieAuth §5.3.4). */
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
      'The home page names no token endpoint, which the "scope" beyond "profile email" needs.',
    );
  }
  return {
    issuer,
    authorizeUrl: authorizationEndpoint,
    // Who wants no more than to know who it is asks where the code is from (IndieAuth §5.3.1).
    accessTokenUrl: login ? authorizationEndpoint : tokenEndpoint,
    revocationEndpoint,
    ...(micropub === undefined ? {} : { apiBaseUrl: micropub }),
    authorizeParams: { ...(authorizeParams as object | undefined), me },
    validateCallback: checkIssuerOf(server),
  };
}

/**
 * The engine compares an `iss` with the issuer it knows. Two cases are left: one that was promised and is
 * not there, and one at a server without metadata, whose answer it therefore cannot be.
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
        ? 'The callback carries an "iss", but the server of this login has none: another one answered.'
        : 'The callback carries no "iss", which the server promises. Nothing was sent anywhere.',
    );
  };
}

/**
 * IndieAuth §5.4: a server may speak for the pages that declare it, and for no others. The endpoint that
 * named the page must be declared, too: anybody's page can borrow the authorization endpoint of another.
 */
async function checkToken(
  token: OAuth2Token,
  server: ChosenServer,
  context: ServerContext,
): Promise<OAuth2Token> {
  const me = typeof token['me'] === 'string' ? readProfileUrl(token['me']) : undefined;
  if (me === undefined) {
    throw new OAuthError(
      'invalid_response',
      'The token response does not say whose it is: its "me" is no profile URL (IndieAuth §5.3).',
    );
  }
  if (me === server['me'] || me === server['page'])
    return { ...token, me, server: { ...server, me } };
  const declared = await discover(me, context);
  const { authorizationEndpoint, tokenEndpoint } = declared;
  const speakers: unknown[] = [authorizationEndpoint, tokenEndpoint];
  if (
    authorizationEndpoint === server['authorizationEndpoint'] &&
    speakers.includes(context.options['accessTokenUrl'])
  ) {
    return { ...token, me, server: kept(me, declared) };
  }
  throw new OAuthError(
    'mismatching_issuer',
    'The page that the token is said to be for declares another server than the one that issued it. ' +
      'Nothing of it was used (IndieAuth §5.4).',
  );
}
