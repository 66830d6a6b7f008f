import { equalInConstantTime, hmac } from '../../platform/crypto.js';
import { toHex } from '../../platform/encoding.js';
import { OAuthError } from '../../model/errors.js';
import type {
  RegisterOptions,
  ServerLocator,
  ValidateCallback,
} from '../../options/register-options.js';
import { graphqlErrors } from './token-errors.js';

/**
 * Whether a query is signed by Shopify with your client secret: an installation, a callback, or a
 * page of an embedded application.
 *
 * @see https://shopify.dev/docs/apps/build/authentication-authorization/access-tokens/authorization-code-grant
 */
export async function isSignedByShopify(
  query: URLSearchParams | string,
  clientSecret: string,
): Promise<boolean> {
  const params = new URLSearchParams(query);
  const [given, ...others] = params.getAll('hmac');
  if (given === undefined || others.length > 0 || clientSecret === '') return false;
  const signed = new URLSearchParams([...params].filter(([name]) => name !== 'hmac'));
  signed.sort();
  const expected = toHex(await hmac('SHA-256', clientSecret, signed.toString()));
  return equalInConstantTime(given, expected);
}

/** Validates that a callback is signed with the client secret and names the shop of the login. */
async function checkHmac(...[params, client]: Parameters<ValidateCallback>): Promise<void> {
  const genuine = await isSignedByShopify(params, client.clientSecret ?? '');
  if (genuine && params.get('shop') === new URL(client.authorizeUrl).host) return;
  throw new OAuthError(
    'invalid_callback',
    'The callback is not signed by the shop of this login. Start the login again.',
  );
}

/** An installation started at Shopify is signed; a shop entered by the user is not. */
const serverLocator: ServerLocator = {
  checkStart: async (params, { clientSecret = '' }) => {
    if (!params.has('hmac') || (await isSignedByShopify(params, clientSecret))) return;
    throw new OAuthError(
      'invalid_server',
      'The installation is not signed by Shopify with this client secret. Start it again at ' +
        'Shopify.',
    );
  },
};

/** Validation of shop requests, and error rules. */
export const ofShops: Pick<RegisterOptions, 'validateCallback' | 'serverLocator' | 'errors'> = {
  validateCallback: checkHmac,
  serverLocator,
  errors: graphqlErrors,
};
