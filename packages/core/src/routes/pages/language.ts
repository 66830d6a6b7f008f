/** Languages other than English whose texts are shipped. */
const shipped: ReadonlySet<string> = new Set(['de', 'es', 'fr']);

/** Returns the language of a tag, without script and region. */
export function baseOf(tag: string): string {
  return tag.split('-', 1)[0]?.toLowerCase() ?? '';
}

/** Returns whether a language other than English has texts in `languages.ts`. */
export function isShipped(tag: string): boolean {
  return shipped.has(baseOf(tag));
}

/** Returns whether a text is a well-formed language tag (BCP 47). */
export function isLanguageTag(tag: unknown): tag is string {
  try {
    return typeof tag === 'string' && Intl.getCanonicalLocales(tag).length === 1;
  } catch {
    return false;
  }
}

const rightToLeft = /^(?:Adlm|Arab|Hebr|Mand|Mend|Nkoo|Rohg|Samr|Syrc|Thaa|Yezi)$/;

/** Returns the direction of a language's usual script. */
export function directionOf(tag: string): 'ltr' | 'rtl' {
  return rightToLeft.test(new Intl.Locale(tag).maximize().script ?? '') ? 'rtl' : 'ltr';
}

/**
 * Returns the language that a user prefers among those of a page; the first one if none is
 * accepted.
 *
 * @see https://www.rfc-editor.org/rfc/rfc4647#section-3.4
 */
export function acceptedLanguage(tags: readonly string[], header = ''): string {
  const [first = 'en'] = tags;
  for (const range of rangesOf(header)) {
    const found = range === '*' ? first : bestFor(range, tags);
    if (found !== undefined) return found;
  }
  return first;
}

/** Returns the ranges of the header, the preferred first. */
function rangesOf(header: string): string[] {
  return header
    .slice(0, 1000)
    .split(',')
    .map((part) => {
      const [range = '', ...params] = part.split(';').map((text) => text.trim().toLowerCase());
      const weight = params.find((param) => param.startsWith('q='));
      return { range, weight: weight === undefined ? 1 : Number(weight.slice(2)) };
    })
    .filter(({ range, weight }) => range !== '' && weight > 0)
    .toSorted((one, other) => other.weight - one.weight)
    .map(({ range }) => range);
}

/** Returns the tag that a range names, most exactly first: `de-at`, `de`, then any German. */
function bestFor(range: string, tags: readonly string[]): string | undefined {
  const parts = range.split('-');
  const shorter = parts.map((_, at) => parts.slice(0, parts.length - at).join('-'));
  return (
    shorter
      .map((one) => tags.find((tag) => tag.toLowerCase() === one))
      .find((tag) => tag !== undefined) ?? tags.find((tag) => baseOf(tag) === parts[0])
  );
}
