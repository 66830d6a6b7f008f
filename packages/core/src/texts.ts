/**
 * The texts of the pages of the routes in other languages than English, for `loginPage()`. The
 * routes load them by `lang`.
 *
 * @module @oauth-registry/core/texts
 */
import { languages } from './routes/pages/languages.js';
import type { PageTexts } from './routes/pages/texts.js';

/** German. */
export const de: Required<PageTexts> = languages.de;
/** Spanish. */
export const es: Required<PageTexts> = languages.es;
/** French. */
export const fr: Required<PageTexts> = languages.fr;
export type { PageTexts };
