import {
  checkAll,
  each,
  flag,
  func,
  listOf,
  must,
  oneOf,
  shape,
  text,
  type Check,
  type Rules,
} from '../platform/validators.js';
import { isObject } from '../platform/encoding.js';
import { withReceived } from '../platform/received.js';
import { OAuthError } from '../model/errors.js';
import { checkReturnTo } from '../client/redirect-uri.js';
import { editFlag } from './error-page.js';
import type { RequiredTokenOptions, RequireLoginOptions } from './guard-options.js';
import { urlOrPath } from '../options/verb-arguments.js';
import { refuseReserved as refuseReservedByOAuth1 } from '../protocols/oauth1/read-options.js';
import { refuseReserved } from '../protocols/oauth2/authorization/reserved-params.js';
import { refuseReserved as refuseReservedByOpenID2 } from '../protocols/openid2/reserved-params.js';
import type { LoginButtonOptions } from './pages/button.js';
import { baseOf, isLanguageTag, isShipped } from './pages/language.js';
import type { PageLink, PageLogo, PageLook } from './pages/look.js';
import type { LoginPageOptions } from './pages/page.js';
import { english, type PageTexts } from './pages/texts.js';
import { contrastProblem, type PageTheme } from './pages/theme.js';
import type { RoutesOptions } from './options.js';

const string = must((v) => typeof v === 'string', 'must be a string');

const byClient = must(
  (v) => isObject(v) && Object.values(v).every((list) => Array.isArray(list)),
  'must be an object with a list for each client',
);

/**
 * Authorization parameters that conflict with a start's own query, or that a browser must not
 * choose.
 */
const notAllowed = [
  'returnTo',
  'link',
  'popup',
  'guard',
  'again',
  'scope',
  'response_mode',
  editFlag,
];

const allowParamsRule: Check = (value) => {
  if (!isObject(value)) return byClient(value);
  for (const names of Object.values(value)) {
    if (!Array.isArray(names) || !names.every((name) => typeof name === 'string' && name !== '')) {
      return 'must be an object with a list of names for each client';
    }
    if (names.includes('scope')) return 'cannot contain "scope": list scopes in "scopes"';
    const own = names.find((name) => notAllowed.includes(name) || isReserved(name));
    if (own !== undefined) return `cannot contain "${own}", which the library sets or reads itself`;
  }
  return undefined;
};

function isReserved(name: string): boolean {
  try {
    refuseReserved({ [name]: '' });
    refuseReservedByOAuth1({ [name]: '' });
    refuseReservedByOpenID2({ [name]: '' });
    return false;
  } catch {
    return true;
  }
}

const checks: Record<keyof RoutesOptions, Check> = {
  onLogin: func,
  onError: func,
  onLogout: func,
  logout: must(
    (v) => v === 'local' || v === 'provider' || typeof v === 'function',
    'must be "local", "provider", or a function that returns { client, idToken }',
  ),
  userId: func,
  data: func,
  returnTo: must((v) => v instanceof URL || text(v) === undefined, 'must be text or a URL'),
  scopes: byClient,
  params: func,
  allowParams: allowParamsRule,
  start: must((v) => v === 'get' || v === 'post', 'must be "get" or "post"'),
  renewSession: flag,
  publicUser: func,
  access: must(isObject, 'must be an object with a list of rules for each client'),
  page: must((v) => v === false || isObject(v), 'must be false, or an object such as { title }'),
};

/** Creates a check whose message shows the value: the look of a page contains no secret. */
function mustShown(test: (value: unknown) => boolean, sentence: string): Check {
  return (value) => {
    if (test(value)) return undefined;
    const isShown = (typeof value === 'string' && value !== '') || Array.isArray(value);
    if (!isShown) return withReceived(sentence, value);
    return `${sentence} (it is ${JSON.stringify(value).slice(0, 100)})`;
  };
}

/** A relative URL would name another page at `/auth/login/corp` than at `/auth/login`. */
const linkUrl: Check = mustShown((v) => {
  if (typeof v !== 'string') return false;
  if (v.startsWith('/')) return /^\/(?![/\\])[^\t\n\r]*$/.test(v);
  return /^https?:\/\/[^/]/i.test(v) && URL.canParse(v);
}, 'must be an http or https URL, or a path that begins with one "/"');

const logo = shape<PageLogo>({ src: linkUrl, dark: linkUrl, alt: string }, ['src']);
const links = listOf(shape<PageLink>({ text, href: linkUrl }, ['text', 'href']));
const color = mustShown(
  (v) =>
    Array.isArray(v) &&
    v.length === 2 &&
    v.every((one) => typeof one === 'string' && /^#[\da-f]{6}$/i.test(one)),
  'must be a pair of colors, "#rrggbb" for light mode and for dark mode, such as ["#ffffff", "#1e293b"]',
);
const css = mustShown(
  (v) => typeof v === 'string' && /^[^;{}<]+$/.test(v),
  'must be one value of CSS',
);
const themeShape = shape<PageTheme>({
  background: color,
  text: color,
  button: color,
  buttonText: color,
  border: color,
  focus: color,
  radius: css,
  font: css,
});
const textNames = Object.keys(english) as (keyof PageTexts)[];
const pageTexts = shape<PageTexts>({
  ...(Object.fromEntries(textNames.map((name) => [name, text])) as Rules<PageTexts>),
  questions: each(text),
});
const lang = mustShown(isLanguageTag, 'must be a language tag, such as "de" or "pt-BR" (BCP 47)');

const lookChecks: Rules<PageLook> = {
  lang: (v) => (Array.isArray(v) && v.length > 0 ? listOf(lang)(v) : lang(v)),
  texts: (v) => (typeof v === 'function' ? undefined : pageTexts(v)),
  logo: (v) => (typeof v === 'string' ? linkUrl(v) : logo(v)),
  links: (v) => (typeof v === 'function' ? undefined : links(v)),
  theme: (v) => themeShape(v) ?? contrastProblem(v as PageTheme),
  styles: string,
};

const pageChecks: Rules<Omit<LoginPageOptions, keyof LoginButtonOptions> & { label: unknown }> = {
  ...lookChecks,
  title: text,
  label: func,
};

/**
 * Checks the languages of a page: those without shipped texts need some, and one object cannot be
 * of several languages.
 */
function checkLanguages({ lang: given = 'en', ...page }: LoginPageOptions, caller: string): void {
  const tags = [given].flat();
  const own = typeof page.texts === 'function' || (page.title !== undefined && !!page.label);
  const unknown = tags.find((tag) => baseOf(tag) !== 'en' && !isShipped(tag));
  const problem =
    tags.length > 1 && typeof page.texts === 'object'
      ? '"lang" is a list, so "texts" must be a function that returns the texts of a language'
      : unknown !== undefined && !own && page.texts === undefined
        ? `there are no texts of "${unknown}", only of en, de, fr and es; set "texts"`
        : undefined;
  if (problem) throw new OAuthError('invalid_options', `${caller}: ${problem}.`);
}

const path: Check = must(
  (v) => typeof v === 'string' && /^\/(?![/\\])/.test(v) && checkReturnTo(v) === v,
  'must be a path of this application, such as "/sign-in"',
);

const prefix: Check = must(
  (v) => v === '' || (typeof v === 'string' && path(v) === undefined && !v.endsWith('/')),
  'must be a path without a slash at the end, such as "/auth"',
);

const requireLoginChecks: Rules<RequireLoginOptions> = {
  userId: func,
  prefix,
  client: text,
  page: path,
};

const requiredTokenChecks: Rules<RequiredTokenOptions> = {
  scope: must(
    (v) => text(v) === undefined || (Array.isArray(v) && v.every((one) => text(one) === undefined)),
    'must be text, or a list of scopes',
  ),
  userId: func,
  prefix,
  link: flag,
};

/** Validates the options of `requireLogin()`. @throws OAuthError `invalid_options` */
export function checkRequireLogin(options: RequireLoginOptions): void {
  checkAll(options, requireLoginChecks, 'requireLogin()');
  if (options.client === undefined || options.page === undefined) return;
  throw new OAuthError(
    'invalid_options',
    'requireLogin(): "client" starts a login, and "page" shows a page of yours. Set only one of them.',
  );
}

/** Validates the options of `required()`. @throws OAuthError `invalid_options` */
export function checkRequiredToken(options: RequiredTokenOptions): void {
  checkAll(options, requiredTokenChecks, 'required()');
}

const buttonChecks: Rules<LoginButtonOptions> = {
  prefix: string,
  returnTo: urlOrPath,
  scope: string,
  label: text,
  method: oneOf('get', 'post'),
  link: flag,
};

/** Validates the options of a login button. @throws OAuthError `invalid_options` */
export function checkButtonOptions(options: LoginButtonOptions): void {
  checkAll(options, buttonChecks, 'loginButton()');
}

/** Validates the options of a sign-in page. @throws OAuthError `invalid_options` */
export function checkPageOptions(options: LoginPageOptions): void {
  const rules: Rules<LoginPageOptions> = { ...buttonChecks, ...pageChecks };
  checkAll(options, rules, 'loginPage()');
  checkLanguages(options, 'loginPage()');
  const { lang: given = 'en', texts, title, label } = options;
  if (typeof given !== 'string') {
    throw new OAuthError(
      'invalid_options',
      'loginPage(): "lang" is a list, but there is no request that selects one. Set one language.',
    );
  }
  if (!isShipped(given) || texts || (title !== undefined && label)) return;
  const name = baseOf(given);
  throw new OAuthError(
    'invalid_options',
    `loginPage(): "lang" is "${given}", whose texts only the routes load. Set them: import { ${name} } from ` +
      `'@oauth-registry/core/texts'; loginPage({ lang: '${name}', texts: ${name} }).`,
  );
}

/** Validates the options of the routes. @throws OAuthError `invalid_options` */
export function checkRoutesOptions(options: RoutesOptions): void {
  checkAll({ ...options, onLogin: options?.onLogin ?? null }, checks, 'routes()');
  checkAll(options.page || {}, pageChecks, 'routes({ page })');
  checkLanguages(options.page || {}, 'routes({ page })');
}
