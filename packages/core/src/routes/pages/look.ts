import type { BrowserRequest } from '../../model/ports.js';
import { acceptedLanguage, baseOf, isShipped } from './language.js';
import { english, type PageTexts, type Texts } from './texts.js';
import { themeStyles, type PageTheme } from './theme.js';

/** A logo. */
export interface PageLogo {
  /** An http or https URL, or a path of the application that begins with `/`. */
  src: string;
  /** The same for dark mode. Default: `src`. */
  dark?: string | undefined;
  /** The text of the logo. Default: empty, for a logo that only decorates the page. */
  alt?: string | undefined;
}

/** A link at the end of a page. */
export interface PageLink {
  text: string;
  /** An http or https URL, or a path of the application that begins with `/`. */
  href: string;
}

/** Appearance and language of the pages of the routes. */
export interface PageLook {
  /**
   * The language of the pages as a BCP 47 tag, which also determines the text direction; or a list,
   * from which the `Accept-Language` header selects one, and the first one otherwise. `en`, `de`,
   * `fr` and `es` have texts; others need `texts`. Default: `en`.
   */
  lang?: string | readonly string[] | undefined;
  /** Texts that replace those of the language; a function returns those of one of several. */
  texts?: PageTexts | ((lang: string) => PageTexts) | undefined;
  /** A logo above the heading, or its URL: http, https, or a path that begins with `/`. */
  logo?: string | PageLogo | undefined;
  /** Links at the end of each page, such as terms and privacy policy. Default: none. */
  links?: readonly PageLink[] | ((lang: string) => readonly PageLink[]) | undefined;
  /** Colours, each for light and for dark mode. */
  theme?: PageTheme | undefined;
  /** CSS added after the page's own. */
  styles?: string | undefined;
}

/** The look of one page. */
export interface Look {
  lang: string;
  /** The language of `texts`: that of the page, or English. */
  textLang: string;
  texts: Texts;
  logo: PageLogo | undefined;
  links: readonly PageLink[];
  theme: PageTheme;
  styles: readonly string[];
}

/** Returns the look of a page for the user of a request, and loads its language. */
export async function lookFor(
  { lang = 'en', ...look }: PageLook,
  browser: BrowserRequest,
): Promise<Look> {
  const tag =
    typeof lang === 'string' ? lang : acceptedLanguage(lang, browser.header('accept-language'));
  if (!isShipped(tag)) return lookOf({ ...look, lang: tag });
  const { languages } = await import('./languages.js');
  return lookOf({ ...look, lang: tag }, languages[baseOf(tag) as keyof typeof languages]);
}

/** The look of the routes of a registry, for the pages of its guards. */
const ofRoutes: WeakMap<object, PageLook> = new WeakMap();

/** Remembers the look of the first routes of a registry. */
export function rememberLook(registry: object, look: PageLook): void {
  if (!ofRoutes.has(registry)) ofRoutes.set(registry, look);
}

/** Returns the look of a page of a guard: that of the routes. */
export function lookOfRoutes(registry: object, browser: BrowserRequest): Promise<Look> {
  return lookFor(ofRoutes.get(registry) ?? {}, browser);
}

/** Returns the look of a page in a given language. */
export function lookOf(look: PageLook, shipped?: PageTexts): Look {
  const [lang = 'en'] = [look.lang].flat();
  const { texts, logo, links = [], theme = {}, styles } = look;
  const own = typeof texts === 'function' ? texts(lang) : texts;
  return {
    lang,
    textLang: shipped || own ? lang : 'en',
    texts: complete(shipped, own),
    logo: typeof logo === 'string' ? { src: logo } : logo,
    links: typeof links === 'function' ? links(lang) : links,
    theme,
    styles: [themeStyles(theme), styles ?? ''],
  };
}

function complete(...texts: (PageTexts | undefined)[]): Texts {
  const given = texts.map((one) =>
    Object.entries(one ?? {}).filter(([, text]) => text !== undefined),
  );
  const questions = Object.assign({}, ...texts.map((one) => one?.questions));
  return { ...english, ...Object.fromEntries(given.flat()), questions };
}
