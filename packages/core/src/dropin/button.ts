import type { RegisterOptions } from '../option-types.js';
import { checkReturnTo } from './return-to.js';
import { Html, html } from './html.js';

/** How a login button is written. */
export interface LoginButtonOptions {
  /** Where the drop-in routes are mounted, e.g. `/auth`. */
  prefix?: string | undefined;
  /** A path of the application to return to after the login. */
  returnTo?: string | undefined;
  /** The button's text. Default: `Continue with` and the provider's name. */
  label?: string | undefined;
  /** `post` writes a form, for routes with `start: 'post'`. Default `get`: a link. */
  method?: 'get' | 'post' | undefined;
  /** Adds the account to the one that is signed in; such a button is always a form. */
  link?: boolean | undefined;
}

type BrandOptions = Pick<RegisterOptions, 'displayName' | 'brandColor' | 'mark'>;

/** A client, as a button shows it. */
export interface Branded {
  name: string;
  options: BrandOptions;
}

/** Writes a button that starts a login: a link, or a form that posts. */
export function loginButton({ name, options }: Branded, how: LoginButtonOptions): Html {
  const { prefix = '', link = false, method = link ? 'post' : 'get' } = how;
  const returnTo = checkReturnTo(how.returnTo);
  const label = how.label ?? `Continue with ${options.displayName ?? name}`;
  const style = `oauth-login oauth-login-${name}`;
  const inside = html`${mark(options)}<span>${label}</span>`;
  const action = `${prefix}/login/${name}`;
  if (method === 'get' && !link) {
    const query = returnTo === undefined ? '' : `?${new URLSearchParams({ returnTo })}`;
    return html`<a class="${style}" href="${action}${query}">${inside}</a>`;
  }
  const fields = { ...(returnTo ? { returnTo } : {}), ...(link ? { link: '1' } : {}) };
  return html`<form class="oauth-login-form" method="post" action="${action}">
    ${Object.entries(fields).map(
      ([field, value]) => html`<input type="hidden" name="${field}" value="${value}" />`,
    )}<button class="${style}" type="submit">${inside}</button>
  </form>`;
}

function mark({ mark: path }: BrandOptions): Html | undefined {
  if (path === undefined) return undefined;
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

/** The style sheet of login buttons: one rule for all of them, one for each client's colours. */
export function loginStyles(clients: readonly Branded[]): string {
  return [
    buttonStyle,
    ...clients.map(({ name, options: { brandColor = '#334155' } }) => {
      return `.oauth-login-${name}{background:${brandColor};color:${inkOn(brandColor)}}`;
    }),
  ].join('\n');
}

const buttonStyle = `
.oauth-login-form { margin: 0 }
.oauth-login {
  align-items: center; border: 1px solid rgb(128 128 128 / 40%);
  border-radius: var(--oauth-radius, .5rem); box-sizing: border-box; cursor: pointer; display: flex;
  font: 500 1rem/1.25 var(--oauth-font, system-ui, sans-serif); gap: .75rem; justify-content: center;
  min-height: 3rem; padding: .75rem 1rem; text-align: center; text-decoration: none; width: 100%;
}
.oauth-login:hover { filter: brightness(1.08) }
.oauth-login:focus-visible { outline: 3px solid var(--oauth-focus, #2563eb); outline-offset: 2px }
.oauth-login svg { flex: none }`;

/** The text colour that is easier to read on a colour: the higher contrast of WCAG 2.2 §1.4.3. */
export function inkOn(color: string): '#000000' | '#ffffff' {
  const [red = 0, green = 0, blue = 0] = [1, 3, 5].map((at) => {
    const level = Number.parseInt(color.slice(at, at + 2), 16) / 255;
    return level <= 0.04045 ? level / 12.92 : ((level + 0.055) / 1.055) ** 2.4;
  });
  const luminance = 0.2126 * red + 0.7152 * green + 0.0722 * blue;
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff';
}
