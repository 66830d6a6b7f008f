/** The fields of an error response (RFC 6749 §5.2). */
export interface ProviderWords {
  error?: string | undefined;
  error_description?: string | undefined;
  error_uri?: string | undefined;
}

const longestCode = 200;
/** Maximum length of a provider's error text, in characters. */
export const longestText = 2000;

/** Characters that RFC 6749 §5.2 does not allow in an error code. */
const notOfCode = /[^\x20\x21\x23-\x5b\x5d-\x7e]/gu;

/**
 * Characters that affect terminals, logs and pages: control characters, including bidirectional
 * ones, and line breaks.
 */
const notOfText = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]+/gu;

const plainUrl = /^https?:\/\/[\w.:[\]-]+(?:[/?#][\w!#$%&()*+,./:;=?@[\]~-]*)?$/i;

/**
 * Sanitizes an error response's fields for display and logs: codes have the characters of RFC 6749
 * §5.2, text has no control characters, and a URI is a plain web URL or omitted. HTML must still be
 * escaped.
 */
export function readableWords({
  error,
  error_description,
  error_uri,
}: ProviderWords): ProviderWords {
  return {
    error: error?.slice(0, longestCode).replaceAll(notOfCode, '?'),
    error_description: error_description?.slice(0, longestText).replaceAll(notOfText, ' '),
    error_uri: isPlainUrl(error_uri) ? error_uri : undefined,
  };
}

function isPlainUrl(text: string | undefined): boolean {
  return text !== undefined && text.length <= longestText && plainUrl.test(text);
}
