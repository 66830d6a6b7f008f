/** An error response's own words (RFC 6749 §5.2). */
export interface ProviderWords {
  error?: string | undefined;
  error_description?: string | undefined;
  error_uri?: string | undefined;
}

const longestCode = 200;
/** Characters of a provider's sentence that are shown. */
export const longestText = 2000;

/** What RFC 6749 §5.2 does not let an error code have. */
const notOfCode = /[^\x20\x21\x23-\x5b\x5d-\x7e]/gu;

/** What terminals, logs and pages obey and no sentence needs: controls, bidirectional ones too, and line breaks. */
const notOfText = /[\p{Cc}\p{Bidi_Control}\p{Zl}\p{Zp}\p{Cs}]+/gu;

const plainUrl = /^https?:\/\/[\w.:[\]-]+(?:[/?#][\w!#$%&()*+,./:;=?@[\]~-]*)?$/i;

/**
 * Makes a provider's words fit to be shown and logged: codes have the characters of RFC 6749 §5.2, text has no
 * control characters, and a URI is a plain web address or left out. HTML must still be escaped.
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
