import type { RegisterOptions } from '../../../options/register-options.js';
import { OAuthError } from '../../../model/errors.js';

/** What the metadata says. */
interface Told {
  readonly issuer?: string;
}

type IssuerOptions = Pick<RegisterOptions, 'issuer' | 'tenants'>;

/** The place of the tenant in an issuer template. */
const placeholder = /\{\w+\}/;

/** Tells whether an issuer stands for one per tenant. */
function isTemplate(issuer: string): boolean {
  return placeholder.test(issuer);
}

/** The issuer as one fixed text; `undefined` where several are accepted. */
export function fixedIssuer({ issuer }: IssuerOptions): string | undefined {
  return typeof issuer === 'string' && !isTemplate(issuer) ? issuer : undefined;
}

/**
 * Tells whether an issuer is one of this client's provider, character by character: the configured one,
 * one of a list, or a template's with a tenant that is allowed. Without any, it is the metadata's.
 *
 * @see https://openid.net/specs/openid-connect-core-1_0.html#IDTokenValidation
 */
export function acceptsIssuer(
  options: IssuerOptions,
  { issuer: told }: Told,
  issuer: unknown,
): boolean {
  if (typeof issuer !== 'string' || issuer === '') return false;
  if (options.issuer === undefined) return issuer === told;
  // Metadata of one tenant speaks for that one alone.
  const one = told !== undefined && !isTemplate(told) ? told : issuer;
  return [options.issuer]
    .flat()
    .some((rule) => meets(issuer, rule, options.tenants) && (!isTemplate(rule) || issuer === one));
}

function meets(issuer: string, rule: string, tenants: IssuerOptions['tenants'] = []): boolean {
  if (!isTemplate(rule)) return issuer === rule;
  const [before = '', after = ''] = rule.split(placeholder);
  const tenant = issuer.slice(before.length, issuer.length - after.length);
  // Put together again, so that overlapping ends or a tenant with a path of its own cannot pass.
  if (`${before}${tenant}${after}` !== issuer || !/^[\w.-]+$/.test(tenant)) return false;
  return typeof tenants === 'function' ? tenants(tenant) === true : tenants.includes(tenant);
}

/** The one issuer there can be; `undefined` where several are accepted. */
export function onlyIssuer(options: IssuerOptions, { issuer: told }: Told): string | undefined {
  return options.issuer === undefined ? told : fixedIssuer(options);
}

/** Whether there is any issuer to compare with. */
export function knowsIssuer(options: IssuerOptions, { issuer }: Told): boolean {
  return options.issuer !== undefined || issuer !== undefined;
}

/** Makes sure that there is an issuer to hold an id_token against. */
export function requireIssuer(options: IssuerOptions, metadata: Told): void {
  if (knowsIssuer(options, metadata)) return;
  throw new OAuthError(
    'invalid_options',
    'There is no issuer to tell who is speaking: give "serverMetadataUrl", or "issuer" and "jwksUri".',
  );
}
