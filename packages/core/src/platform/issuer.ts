import { OAuthError } from '../model/errors.js';

/** The issuer of the metadata. */
interface IssuerMetadata {
  readonly issuer?: string;
}

/** The configured issuers, and the accepted tenants of a template. */
export interface IssuerOptions {
  issuer?: string | readonly string[] | undefined;
  tenants?: readonly string[] | ((tenant: string) => boolean) | undefined;
}

/** The tenant placeholder of an issuer template. */
const placeholder = /\{\w+\}/;

/** Whether an issuer is a template with a tenant placeholder. */
function isTemplate(issuer: string): boolean {
  return placeholder.test(issuer);
}

/** Returns the configured issuer if it is one fixed string; `undefined` if several are accepted. */
export function fixedIssuer({ issuer }: IssuerOptions): string | undefined {
  return typeof issuer === 'string' && !isTemplate(issuer) ? issuer : undefined;
}

/**
 * Whether an issuer belongs to this client's provider, compared character by character: it is the
 * configured issuer, in the configured list, or matches a template with an allowed tenant. Without
 * a configured issuer, the metadata's issuer is used.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export function acceptsIssuer(
  options: IssuerOptions,
  { issuer: published }: IssuerMetadata,
  issuer: unknown,
): boolean {
  if (typeof issuer !== 'string' || issuer === '') return false;
  if (options.issuer === undefined) return issuer === published;
  // The metadata of one tenant is valid only for that tenant.
  const one = published !== undefined && !isTemplate(published) ? published : issuer;
  return [options.issuer]
    .flat()
    .some((rule) => meets(issuer, rule, options.tenants) && (!isTemplate(rule) || issuer === one));
}

function meets(issuer: string, rule: string, tenants: IssuerOptions['tenants'] = []): boolean {
  if (!isTemplate(rule)) return issuer === rule;
  const [before = '', after = ''] = rule.split(placeholder);
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  // Reassembled, so that overlapping ends or a tenant with a path cannot match.
  if (`${before}${tenant}${after}` !== issuer || !/^[\w.-]+$/.test(tenant)) return false;
  return typeof tenants === 'function' ? tenants(tenant) === true : tenants.includes(tenant);
}

/** Returns the only possible issuer; `undefined` if several are accepted. */
export function onlyIssuer(
  options: IssuerOptions,
  { issuer: published }: IssuerMetadata,
): string | undefined {
  return options.issuer === undefined ? published : fixedIssuer(options);
}

/** Whether any issuer is known. */
export function knowsIssuer(options: IssuerOptions, { issuer }: IssuerMetadata): boolean {
  return options.issuer !== undefined || issuer !== undefined;
}

/** Throws if no issuer is known to validate an id_token. */
export function requireIssuer(options: IssuerOptions, metadata: IssuerMetadata): void {
  if (knowsIssuer(options, metadata)) return;
  throw new OAuthError(
    'invalid_options',
    'Cannot validate the id_token: no issuer is configured. Set "serverMetadataUrl", or ' +
      '"issuer" and "jwksUri".',
  );
}
