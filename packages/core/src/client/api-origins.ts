import { OAuthError } from '../model/errors.js';
import type { Token } from '../model/types.js';
import type { RegisterOptions } from '../options/register-options.js';
import { asText, readPath } from '../platform/paths.js';

type ApiOptions = Pick<RegisterOptions, 'apiBaseUrl' | 'apiOrigins'>;

const placeholder = /\{(token\.[\w.[\]?-]+)\}/g;

/**
 * Fills the placeholders of an `apiBaseUrl`: a value at its start is a URL, one in its host is part
 * of a host name, and one in its path is a segment. Without a token it is unknown.
 *
 * @throws OAuthError `invalid_options` if the token lacks a value, or has one that could lead
 *   elsewhere
 */
export function filledBaseUrl(
  { apiBaseUrl: template, apiOrigins }: ApiOptions,
  token: Token | undefined,
): string | undefined {
  if (!template?.includes('{')) return template;
  if (!token) return undefined;
  const host = /^(?:https?:\/\/)?[^/?#]*/i.exec(template)?.[0] ?? '';
  return template.replace(placeholder, (whole, path: string, at: number) => {
    const value = asText(readPath({ token }, path)) ?? '';
    const filled =
      at === 0
        ? leading(value, { template, apiOrigins })
        : at < host.length
          ? label(value)
          : segment(value);
    if (filled !== undefined) return filled;
    throw new OAuthError(
      'invalid_options',
      `"apiBaseUrl" contains "${whole}", and the token has no such value that fits there; nothing was sent. Pass the ` +
        'token as the login returned it, add its origin to "apiOrigins", or set "apiBaseUrl" without placeholders.',
    );
  });
}

/** A URL of one of the listed origins, if there are any. Only its path may be continued. */
function leading(
  value: string,
  { template, apiOrigins }: { template: string; apiOrigins: ApiOptions['apiOrigins'] },
): string | undefined {
  if (!/^https?:\/\//i.test(value) || !URL.canParse(value)) return undefined;
  const url = new URL(value);
  const { username, password, search, hash } = url;
  if (username + password + search + hash !== '') return undefined;
  if (apiOrigins && !apiOrigins.some((origin) => isOrigin(url, origin))) return undefined;
  return /^\{[^}]*\}\//.test(template) ? value.replace(/\/$/, '') : value;
}

function label(value: string): string | undefined {
  return /^[a-z\d](?:[a-z\d.-]*[a-z\d])?$/i.test(value) ? value : undefined;
}

function segment(value: string): string | undefined {
  return /^\.{0,2}$/.test(value) ? undefined : encodeURIComponent(value);
}

/** Returns whether a token may be sent to a URL: to the API's own origin, and to `apiOrigins`. */
export function isApiOrigin(url: URL, { apiBaseUrl, apiOrigins }: ApiOptions): boolean {
  if (apiBaseUrl !== undefined && url.origin === new URL(apiBaseUrl).origin) return true;
  if (apiBaseUrl === undefined && apiOrigins === undefined) return true;
  return (apiOrigins ?? []).some((origin) => isOrigin(url, origin));
}

function isOrigin(url: URL, origin: string): boolean {
  if (!origin.includes('*')) return url.origin === new URL(origin).origin;
  // One label, which is not checked as it is the URL's own.
  const [, first = '', rest = ''] = /^([^.]+)(\..+)$/.exec(url.host) ?? [];
  return first !== '' && `${url.protocol}//*${rest}` === origin;
}
