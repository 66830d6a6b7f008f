import type { RegisterOptions } from '../../options/register-options.js';
import type { Question } from '../../options/server-choice.js';
import { checkReturnTo } from '../../client/redirect-uri.js';
import { markColor, withFallback, type MarkColors } from './colors.js';
import { Html, html } from '../../platform/html.js';
import { askFor, questionStyle } from './questions.js';
import { english, fill, type Texts } from './texts.js';
import { themed } from './theme.js';

/** Options of a login button. */
export interface LoginButtonOptions {
  /** The mount path of the routes, for example `/auth`. */
  prefix?: string | undefined;
  /** Path of the application to return to after the login. */
  returnTo?: string | URL | undefined;
  /** Additional scopes to request, space separated; the routes' `scopes` must allow them. */
  scope?: string | undefined;
  /** The button's text. Default: `Continue with` and the provider's name. */
  label?: string | undefined;
  /** `post` renders a form, for routes with `start: 'post'`. Default: `get`, a link. */
  method?: 'get' | 'post' | undefined;
  /** Links the provider account to the signed-in user; such a button is always a form. */
  link?: boolean | undefined;
}

type BrandOptions = Pick<RegisterOptions, 'displayName' | 'brandColor' | 'mark'>;

/** The data of a client that a button shows. */
export interface Branded {
  name: string;
  options: BrandOptions;
  /** Values the user enters for the login. */
  questions?: readonly Question[];
  /** Additional hidden form fields. */
  fields?: Record<string, string>;
}

/** Renders a button that starts a login: a link, or a POST form. */
export function loginButton(
  { name, options, questions = [], fields: more = {} }: Branded,
  how: LoginButtonOptions,
  texts: Texts = english,
): Html {
  const { prefix = '', link = false, method = link ? 'post' : 'get' } = how;
  const returnTo = checkReturnTo(how.returnTo);
  const shown = options.displayName ?? name;
  const label = how.label ?? fill(texts.continueWith, shown);
  const style = `oauth-login ${classOf(name)}`;
  const inside = html`${mark(options.mark, shown)}<span dir="auto">${label}</span>`;
  const action = `${prefix}/login/${encodeURIComponent(name)}`;
  const fields = {
    ...(returnTo ? { returnTo } : {}),
    ...(how.scope ? { scope: how.scope } : {}),
    ...(link ? { link: '1' } : {}),
    ...more,
  };
  if (method === 'get' && !link && questions.length === 0) {
    const query = new URLSearchParams(fields).toString();
    return html`<a class="${style}" href="${action}${query && `?${query}`}">${inside}</a>`;
  }
  return html`<form class="oauth-login-form" method="${method}" action="${action}">
    ${Object.entries(fields).map(
      ([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`,
    )}${askFor(questions, texts)}<button class="${style}" type="submit">${inside}</button>
  </form>`;
}

/**
 * Returns the CSS class of a client's buttons. Names of loaded clients are encoded, because they
 * may contain selector syntax.
 */
function classOf(name: string): string {
  return `oauth-login-${name.replaceAll(/[^\w-]/g, '_')}`;
}

/**
 * Renders the provider's mark, or a tile with the first letter of its name, drawn by CSS and hidden
 * from screen readers.
 */
function mark(path: string | undefined, shown: string): Html {
  const [letter] = shown.toUpperCase();
  if (path === undefined) {
    return html`<span class="oauth-login-tile" data-letter="${letter}" aria-hidden="true"></span>`;
  }
  return html`<svg
    viewBox="0 0 24 24"
    width="20"
    height="20"
    fill="currentColor"
    aria-hidden="true"
    focusable="false"
  >
    <path d="${path}" />
  </svg>`;
}

/**
 * Returns the style sheet of login buttons: one rule for all of them, and one for the colour of
 * each mark.
 */
export function loginStyles(clients: readonly Branded[], around?: MarkColors): string {
  const marks = clients.map(({ name, options: { brandColor = '#475569' } }) => {
    return `.${classOf(name)} { --_mark: ${markColor(brandColor, around)} }`;
  });
  return withFallback([buttonStyle, questionStyle, ...marks].join('\n')) + forcedColors;
}

const buttonStyle = `
.oauth-login-form { margin: 0 }
.oauth-login {
  --_surface: ${themed('button', 'button')};
  align-items: center; appearance: none; background: var(--_surface);
  border: 1px solid ${themed('border', 'border')};
  border-radius: var(--oauth-radius, .625rem); box-sizing: border-box;
  color: ${themed('button-text', 'buttonText')}; cursor: pointer;
  display: grid; font: 500 1rem/1.25 var(--oauth-font, system-ui, sans-serif); gap: .75rem;
  grid-template-columns: 1.25rem 1fr 1.25rem; min-height: 3rem; padding: .6875rem .9375rem;
  text-align: center; text-decoration: none; width: 100%;
}
.oauth-login svg, .oauth-login-tile { color: var(--_mark) }
.oauth-login span { min-width: 0; overflow-wrap: anywhere }
.oauth-login:hover { background: color-mix(in srgb, currentColor 6%, var(--_surface)) }
.oauth-login:active { background: color-mix(in srgb, currentColor 12%, var(--_surface)) }
.oauth-login:focus-visible { outline: 3px solid ${themed('focus', 'focus')}; outline-offset: 2px }
.oauth-login-tile { border-radius: .3125rem; display: block; height: 1.25rem; position: relative }
.oauth-login-tile::before { background: currentColor; border-radius: inherit; content: ''; inset: 0; position: absolute }
.oauth-login-tile::after {
  color: var(--_surface); content: attr(data-letter); font-size: .8125rem; font-weight: 700; inset: 0;
  line-height: 1.25rem; position: absolute;
}`;

const forcedColors = `
@media (forced-colors: active) {
  .oauth-login { --_surface: Canvas }
  .oauth-login svg { color: inherit }
  .oauth-login-tile { color: CanvasText; forced-color-adjust: none }
}`;
